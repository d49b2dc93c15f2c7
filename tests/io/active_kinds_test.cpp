// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Streams of each kind as messages: what holds for all of them.
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <io/heard.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::heard;
using test::in_actor;
using test::listen;
using test::random_choices;

/// A new connection: the end that is read, and the one that is written to. In a behavior.
template <class Stream>
auto make_ends() {
  if constexpr (std::same_as<Stream, io::pipe_reader>) {
    return io::make_pipe();
  } else if constexpr (std::same_as<Stream, io::local_stream>) {
    return io::local_stream::make_pair();
  } else {
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    auto writer = Stream::connect("127.0.0.1", listener.local_endpoint().port());
    return std::pair(listener.accept(), std::move(writer));
  }
}

/// An actor that writes `bytes`, in pieces of random sizes, and closes its end, unless the other
/// one is closed before.
template <class Writer>
void start_writing(context& self, Writer to, std::string bytes) {
  self.spawn([to = std::move(to), bytes = std::move(bytes)](context& writer) mutable {
    random_choices random(1);
    const std::uint64_t largest = random.one_in(2) ? 16 : 4096;
    std::error_code error;
    for (std::string_view rest = bytes; !rest.empty() && !error;) {
      const std::string_view piece = rest.substr(0, 1 + random.up_to(largest - 1));
      to.write_all(piece, error);
      rest.remove_prefix(piece.size());
      if (random.one_in(4)) writer.yield();
    }
  });
}

/// What comes of `sent` through an active stream.
template <class Stream>
heard heard_of(context& self, std::string sent, active_options options) {
  auto ends = make_ends<Stream>();
  start_writing(self, std::move(ends.second), std::move(sent));
  const auto active = activate(self, std::make_shared<Stream>(std::move(ends.first)), self.ref(),
                               std::move(options));
  return listen(self, active.id);
}

std::string random_text(random_choices& random, std::size_t size, std::string_view letters) {
  std::string text(size, '\0');
  for (char& each : text) each = letters[random.up_to(letters.size() - 1)];
  return text;
}

template <class Stream>
class ActiveStreamKinds : public testing::Test {
 protected:
  troupe::system sys{troupe::system_options{.workers = 2}};
};

struct kind_names {
  template <class Stream>
  static std::string GetName(int) {
    if (std::is_same_v<Stream, io::pipe_reader>) return "Pipe";
    return std::is_same_v<Stream, io::local_stream> ? "Local" : "Tcp";
  }
};
using kinds = testing::Types<io::tcp_stream, io::local_stream, io::pipe_reader>;
TYPED_TEST_SUITE(ActiveStreamKinds, kinds, kind_names);

TYPED_TEST(ActiveStreamKinds, AllComesInOrderAndThenTheEndOnce) {
  in_actor(this->sys, [](context& self) {
    random_choices random(0);
    const std::string data =
        random_text(random, test::scaled(500'000), "abcdefghijklmnopqrstuvwxyz");
    auto ends = make_ends<TypeParam>();
    start_writing(self, std::move(ends.second), data);
    const auto active =
        activate(self, std::make_shared<TypeParam>(std::move(ends.first)), self.ref());
    const heard all = listen(self, active.id);
    EXPECT_TRUE(all.text() == data);
    EXPECT_FALSE(all.reason) << all.reason.message();
    EXPECT_TRUE(eventually([&] { return !active.reader.alive(); }));
    EXPECT_FALSE(self.receive([](const tcp_data&) {}, [](const tcp_closed&) {}, after(0ns)));
  });
  this->sys.await_actors();
}

TYPED_TEST(ActiveStreamKinds, AsManyMessagesComeAsAskedFor) {
  in_actor(this->sys, [](context& self) {
    auto ends = make_ends<TypeParam>();
    ends.second.write_all("a\nb\nc\nd\ne\nf\n");
    ends.second.close();
    const auto active =
        activate(self, std::make_shared<TypeParam>(std::move(ends.first)), self.ref(),
                 {.messages = 1, .framing = std::make_shared<io::line_framer>(16)});
    std::string got;
    const auto come = [&](std::chrono::nanoseconds within) {
      return self.receive([&](const tcp_data& data) { got += data.bytes(); },
                          [&](const tcp_closed&) { got += "end"; }, after(within));
    };
    EXPECT_TRUE(come(1min));
    EXPECT_FALSE(come(10ms));
    EXPECT_EQ(got, "a");
    active.reader.send(read_more{});
    EXPECT_TRUE(come(1min));
    EXPECT_FALSE(come(10ms));
    EXPECT_EQ(got, "ab");
    active.reader.send(read_more{2});
    EXPECT_TRUE(come(1min));
    EXPECT_TRUE(come(1min));
    EXPECT_FALSE(come(10ms));
    EXPECT_EQ(got, "abcd");
    active.reader.send(read_more{always});
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(come(1min));
    EXPECT_EQ(got, "abcdefend");
  });
  this->sys.await_actors();
}

TYPED_TEST(ActiveStreamKinds, NothingIsReadWhileTooMuchIsUnhandled) {
  in_actor(this->sys, [](context& self) {
    constexpr std::size_t limit = 10'000;
    const std::string data(8'000'000, 'd');  // more than the kernel holds
    auto ends = make_ends<TypeParam>();
    const auto writer =
        self.spawn([&data, to = std::move(ends.second)](context&) mutable { to.write_all(data); });
    const auto active = activate(self, std::make_shared<TypeParam>(std::move(ends.first)),
                                 self.ref(), {.max_unhandled = limit});
    std::vector<tcp_data> kept;
    std::size_t bytes = 0;
    while (self.receive(
        [&](tcp_data&& next) {
          bytes += next.bytes().size();
          kept.push_back(std::move(next));
        },
        after(50ms))) {
    }
    EXPECT_GE(bytes + kept.size() * 128, limit);
    EXPECT_LT(bytes, limit + 4096);
    EXPECT_TRUE(writer.alive());
    kept.clear();
    EXPECT_EQ(bytes + listen(self, active.id).text().size(), data.size());
  });
  this->sys.await_actors();
}

TYPED_TEST(ActiveStreamKinds, TheEndOfTheOwnerClosesThem) {
  in_actor(this->sys, [&](context& self) {
    auto ends = make_ends<TypeParam>();
    self.spawn([from = std::make_shared<TypeParam>(std::move(ends.first))](context& owner) mutable {
      activate(owner, std::move(from), owner.ref());
      owner.receive([](const tcp_data&) {});
    });
    std::error_code error;
    ends.second.write_timeout(1min);
    while (!error) ends.second.write_all("x", error);
    EXPECT_TRUE(error == std::errc::broken_pipe || error == std::errc::connection_reset)
        << error.message();
  });
  this->sys.await_actors();
}

/// How bodies become frames, and back.
struct format {
  std::string (*encode)(const std::string& body);
  std::size_t overhead;
  std::shared_ptr<io::framer> (*framer)(std::size_t max);
  std::string_view letters;  // of bodies
};

const format formats[] = {
    {[](const std::string& body) {
       return io::length_framer(2, std::endian::big, 65'535).prefix(body.size()) + body;
     },
     2,
     [](std::size_t max) -> std::shared_ptr<io::framer> {
       return std::make_shared<io::length_framer>(2, std::endian::big, max);
     },
     "ab\n"},
    {[](const std::string& body) { return body + "\r\n\r\n"; }, 4,
     [](std::size_t max) -> std::shared_ptr<io::framer> {
       return std::make_shared<io::delimiter_framer>("\r\n\r\n", max);
     },
     "ab\r"}};  // may look like the begin of a delimiter

TYPED_TEST(ActiveStreamKinds, FramesComeWhole) {
  constexpr std::size_t max = 5000;
  for (const format& by : formats) {
    in_actor(this->sys, [&](context& self) {
      random_choices random(2);
      std::vector<std::string> bodies;
      std::string sent;
      for (int i = 0; i < 100; ++i) {
        const std::size_t size = random.one_in(4) ? max * random.up_to(1) : random.up_to(100);
        bodies.push_back(random_text(random, size, by.letters));
        sent += by.encode(bodies.back());
      }
      const heard all = heard_of<TypeParam>(self, sent, {.framing = by.framer(max)});
      EXPECT_TRUE(all.parts == bodies);
      EXPECT_FALSE(all.reason) << all.reason.message();
    });
  }
  this->sys.await_actors();
}

TYPED_TEST(ActiveStreamKinds, AFrameMayReachItsLimitsAndNotExceedThem) {
  constexpr std::size_t max = 300;
  const std::string most(max, 'm');
  for (const format& by : formats) {
    in_actor(this->sys, [&](context& self) {
      const auto heard_with = [&](std::size_t size, active_options options) {
        const std::string sent =
            by.encode(most) + by.encode(std::string(size, 's')) + by.encode("t");
        return heard_of<TypeParam>(self, sent, std::move(options));
      };
      const auto expect_all = [](const heard& all) {
        EXPECT_EQ(all.parts.size(), 3U);
        EXPECT_FALSE(all.reason) << all.reason.message();
      };
      const auto expect_first = [](const heard& all) {
        EXPECT_EQ(all.parts.size(), 1U);
        EXPECT_EQ(all.reason, errc::too_long) << all.reason.message();
      };
      // The framer's limit is for a body, and the other one for all of a frame.
      expect_all(heard_with(max, {.framing = by.framer(max)}));
      expect_first(heard_with(max + 1, {.framing = by.framer(max)}));
      const std::size_t max_frame = max + by.overhead;
      expect_all(heard_with(max, {.framing = by.framer(10 * max), .max_frame = max_frame}));
      expect_first(heard_with(max + 1, {.framing = by.framer(10 * max), .max_frame = max_frame}));
    });
  }
  this->sys.await_actors();
}

TYPED_TEST(ActiveStreamKinds, WhatNeverBecomesAFrameIsNotKept) {
  in_actor(this->sys, [](context& self) {
    const std::string endless(1'000'000, 'e');
    const heard all = heard_of<TypeParam>(self, endless, {.framing = formats[1].framer(1000)});
    EXPECT_TRUE(all.parts.empty());
    EXPECT_EQ(all.reason, errc::too_long);
  });
  this->sys.await_actors();
}

TYPED_TEST(ActiveStreamKinds, AnEndWithinAFrameIsToldAsSuch) {
  for (const format& by : formats) {
    in_actor(this->sys, [&](context& self) {
      std::string sent = by.encode("whole") + by.encode("not whole");
      sent.pop_back();
      const heard all = heard_of<TypeParam>(self, sent, {.framing = by.framer(100)});
      EXPECT_EQ(all.parts, std::vector<std::string>{"whole"});
      EXPECT_EQ(all.reason, errc::end_of_stream);
    });
  }
  this->sys.await_actors();
}

}  // namespace
}  // namespace troupe

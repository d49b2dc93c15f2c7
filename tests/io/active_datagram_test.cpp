// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <support/scratch_directory.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::in_actor;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

struct udp {
  using socket = io::udp_socket;
  static constexpr bool loses = true;  // what there is no room for
  std::shared_ptr<socket> receiver = std::make_shared<socket>(io::udp_socket::bind("127.0.0.1", 0));
  socket sender = io::udp_socket::connect("127.0.0.1", receiver->local_endpoint().port());
};

struct local {
  using socket = io::local_datagram;
  static constexpr bool loses = false;
  local() {
    auto [first, second] = io::local_datagram::make_pair();
    receiver = std::make_shared<socket>(std::move(first));
    sender = std::move(second);
  }
  std::shared_ptr<socket> receiver;
  socket sender;
};

template <class Kind>
class ActiveDatagrams : public testing::Test {
 protected:
  using arrived = datagram<typename Kind::socket>;

  /// The next one's bytes; "none" when none comes in time.
  static std::string next(context& self, std::chrono::nanoseconds limit = 1min) {
    std::string got = "none";
    self.receive([&](arrived&& d) { got = d.take(); }, after(limit));
    return got;
  }
};

struct kind_names {
  template <class Kind>
  static std::string GetName(int) {
    return Kind::loses ? "Udp" : "Local";
  }
};
using kinds = testing::Types<udp, local>;
TYPED_TEST_SUITE(ActiveDatagrams, kinds, kind_names);

TYPED_TEST(ActiveDatagrams, AreMessagesOneForEach) {
  troupe::system sys({.workers = 2});
  TypeParam ends;
  in_actor(sys, [&](context& self) {
    const auto active = activate(self, ends.receiver, self.ref());
    const std::string big(4000, 'b');
    for (const std::string& text : {std::string("first"), std::string(), big}) {
      ends.sender.send(bytes(text));
      EXPECT_TRUE(self.receive(
          [&](const typename TestFixture::arrived& d) {
            EXPECT_EQ(d.id, active.id);
            EXPECT_EQ(d.bytes(), text);
            EXPECT_FALSE(d.truncated);
            if constexpr (TypeParam::loses) {
              EXPECT_EQ(d.from(), ends.sender.local_endpoint());
            }
          },
          after(1min)));
    }
    EXPECT_TRUE(active.reader.alive());
  });
  sys.await_actors();
}

TYPED_TEST(ActiveDatagrams, ComeAsManyAsAskedFor) {
  troupe::system sys({.workers = 1});
  TypeParam ends;
  in_actor(sys, [&](context& self) {
    for (const char* each : {"a", "b", "c", "d", "e"}) ends.sender.send(bytes(each));
    const auto active = activate(self, ends.receiver, self.ref(), {.messages = 1});
    EXPECT_EQ(this->next(self), "a");
    EXPECT_EQ(this->next(self, 10ms), "none");
    active.reader.send(read_more{2});
    EXPECT_EQ(this->next(self), "b");
    EXPECT_EQ(this->next(self), "c");
    EXPECT_EQ(this->next(self, 10ms), "none");
    active.reader.send(read_more{always});
    EXPECT_EQ(this->next(self), "d");
    EXPECT_EQ(this->next(self), "e");
    ends.sender.send(bytes("later"));
    EXPECT_EQ(this->next(self), "later");
  });
  sys.await_actors();
}

TYPED_TEST(ActiveDatagrams, AFloodFillsNoMoreThanTheLimitAndEndsNothing) {
  constexpr std::size_t flood = 2000;
  constexpr std::size_t size = 100;
  constexpr std::size_t limit = 20 * (size + 128);
  std::atomic<bool> heard{false};
  troupe::system sys({.workers = 2});
  TypeParam ends;
  const auto sender = sys.spawn([&](context& self) {
    std::error_code ignored;  // the receiver may be gone by now
    const std::string text(size, 'f');
    for (std::size_t i = 0; i < flood; ++i) ends.sender.send(bytes(text), ignored);
    while (!heard) {
      ends.sender.send(bytes("later"), ignored);
      self.sleep_for(1ms);
    }
  });
  in_actor(sys, [&](context& self) {
    using message = typename TestFixture::arrived;
    activate(self, std::exchange(ends.receiver, nullptr), self.ref(), {.max_unhandled = limit});
    std::vector<message> kept;
    const auto keep = [&](message&& d) { kept.push_back(std::move(d)); };
    while (kept.size() < 20 && self.receive(keep, after(1min))) {
    }
    EXPECT_FALSE(self.receive(keep, after(20ms)));
    EXPECT_EQ(kept.size(), 20U);
    std::size_t flooding = kept.size();
    kept.clear();
    for (std::string got; (got = this->next(self)) != "later"; ++flooding) {
      ASSERT_EQ(got.size(), size);
    }
    if (!TypeParam::loses) {
      EXPECT_EQ(flooding, flood);
    }
    heard = true;
  });
  EXPECT_TRUE(eventually([&] { return !sender.alive(); }));
}

TYPED_TEST(ActiveDatagrams, EmptyOnesCountToo) {
  troupe::system sys({.workers = 1});
  TypeParam ends;
  in_actor(sys, [&](context& self) {
    using message = typename TestFixture::arrived;
    activate(self, ends.receiver, self.ref(), {.max_unhandled = 640});
    for (int i = 0; i < 10; ++i) ends.sender.send({});
    std::vector<message> kept;
    const auto keep = [&](message&& d) { kept.push_back(std::move(d)); };
    while (kept.size() < 5 && self.receive(keep, after(1min))) {
    }
    EXPECT_FALSE(self.receive(keep, after(10ms)));
    kept.clear();
    while (kept.size() < 5 && self.receive(keep, after(1min))) {
    }
    EXPECT_EQ(kept.size(), 5U);
  });
  sys.await_actors();
}

TYPED_TEST(ActiveDatagrams, AreCutAtTheLimit) {
  troupe::system sys({.workers = 1});
  TypeParam ends;
  in_actor(sys, [&](context& self) {
    activate(self, ends.receiver, self.ref(), {.max_size = 4});
    for (const bool is_long : {true, false}) {
      ends.sender.send(bytes(is_long ? "too long" : "four"));
      EXPECT_TRUE(self.receive(
          [&](const typename TestFixture::arrived& d) {
            EXPECT_EQ(d.bytes(), is_long ? "too " : "four");
            EXPECT_EQ(d.truncated, is_long);
          },
          after(1min)));
    }
  });
  sys.await_actors();
}

TYPED_TEST(ActiveDatagrams, EndWithTheirOwnerAndLeaveTheSocket) {
  troupe::system sys({.workers = 1});
  TypeParam ends;
  active_datagrams active;
  in_actor(sys, [&](context& self) { active = activate(sys, ends.receiver, self.ref()); });
  EXPECT_TRUE(eventually([&] { return !active.reader.alive(); }));
  in_actor(sys, [&](context&) {
    ends.sender.send(bytes("direct"));
    std::array<std::byte, 16> room;
    EXPECT_EQ(ends.receiver->receive(room).size, 6U);
  });
}

TYPED_TEST(ActiveDatagrams, SayWhyTheyEnd) {
  troupe::system sys({.workers = 1});
  TypeParam ends;
  in_actor(sys, [&](context& self) {
    const auto expect_closed = [&](stream_id id) {
      EXPECT_TRUE(self.receive(
          [&](const datagrams_closed& m) {
            EXPECT_EQ(m.id, id);
            EXPECT_EQ(m.reason, std::errc::bad_file_descriptor);
          },
          after(1min)));
    };
    const auto active = activate(self, ends.receiver, self.ref(), {.messages = 1});
    ends.sender.send(bytes("last"));
    EXPECT_EQ(this->next(self), "last");
    ends.receiver->close();  // the reader may receive nothing at present
    active.reader.send(read_more{});
    expect_closed(active.id);
    expect_closed(activate(self, ends.receiver, self.ref()).id);
  });
  sys.await_actors();
}

TYPED_TEST(ActiveDatagrams, RefuseBadOptions) {
  troupe::system sys({.workers = 1});
  TypeParam ends;
  const any_ref owner = sys.spawn([](context& self) { self.sleep_for(1min); });
  EXPECT_THROW(activate(sys, ends.receiver, owner, {.max_unhandled = 0}), std::invalid_argument);
  EXPECT_THROW(activate(sys, ends.receiver, owner, {.max_size = 0}), std::invalid_argument);
  EXPECT_THROW(activate(sys, std::shared_ptr<typename TypeParam::socket>(), owner),
               std::logic_error);
  EXPECT_THROW(activate(sys, ends.receiver, any_ref()), std::logic_error);
  owner.kill();
}

TEST(ActiveLocalDatagrams, SayFromWhichPathTheyCome) {
  struct owner : actor<void(datagram<io::local_datagram>), void(datagrams_closed)> {
    explicit owner(std::string& into) : log(into) {}
    void on(datagram<io::local_datagram>&& d) {
      log = d.from() + ": " + d.take();
      self().quit();
    }
    void on(const datagrams_closed&) {}
    std::string& log;
  };
  troupe::system sys({.workers = 1});
  const test::scratch_directory directory;
  std::string log;
  activate(sys,
           std::make_shared<io::local_datagram>(io::local_datagram::bind(directory / "server")),
           sys.spawn<owner>(log));
  in_actor(sys, [&](context&) {
    auto client = io::local_datagram::bind(directory / "client");
    client.send_to(bytes("hello"), directory / "server");
  });
  sys.await_actors();
  EXPECT_EQ(log, (directory / "client") + ": hello");
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <io/connection.hpp>
#include <io/heard.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::connection;
using test::eventually;
using test::heard;
using test::in_actor;
using test::listen;

std::shared_ptr<io::tcp_stream> share(connection& c) {
  return std::make_shared<io::tcp_stream>(std::move(c.stream));
}

TEST(ActiveStream, SendsWhatComesAndThenTheEnd) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  const std::string data(3'000'000, 'd');
  std::thread sender([&] {
    c.other.send(data);
    c.other.shutdown();
  });
  in_actor(sys, [&](context& self) {
    const auto active = activate(self, share(c), self.ref());
    const heard all = listen(self, active.id);
    EXPECT_TRUE(all.text() == data);
    EXPECT_FALSE(all.reason);
    EXPECT_FALSE(active.reader.alive() && !eventually([&] { return !active.reader.alive(); }));
  });
  sender.join();
  sys.await_actors();
}

TEST(ActiveStream, SendsAsManyMessagesAsAskedFor) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  const auto shared = share(c);
  c.other.send("a\nb\nc\nd\n");
  in_actor(sys, [&](context& self) {
    const auto lines = std::make_shared<io::line_framer>(16);
    const auto active = activate(self, shared, self.ref(), {.messages = 1, .framing = lines});
    std::string got;
    const auto take = [&](const tcp_data& data) { got += data.bytes(); };
    EXPECT_TRUE(self.receive(take, after(1min)));
    EXPECT_FALSE(self.receive(take, after(10ms)));
    EXPECT_EQ(got, "a");
    active.reader.send(read_more{2});
    EXPECT_TRUE(self.receive(take, after(1min)));
    EXPECT_TRUE(self.receive(take, after(1min)));
    EXPECT_FALSE(self.receive(take, after(10ms)));
    EXPECT_EQ(got, "abc");
    active.reader.send(read_more{always});
    EXPECT_TRUE(self.receive(take, after(1min)));
    shared->write_all("the owner writes");  // beside the reader
    active.reader.kill();
  });
  EXPECT_EQ(c.other.receive(16), "the owner writes");
  sys.await_actors();
}

TEST(ActiveStream, ReadsNoFurtherWhileTooMuchIsUnhandled) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  const auto shared = share(c);
  const std::string data(8'000'000, 'd');  // more than the sockets hold
  std::atomic<bool> sent{false};
  std::thread sender([&] {
    c.other.send(data);
    c.other.shutdown();
    sent = true;
  });
  in_actor(sys, [&](context& self) {
    constexpr std::size_t limit = 10'000;
    const auto active = activate(self, shared, self.ref(), {.max_unhandled = limit});
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
    EXPECT_FALSE(sent);
    kept.clear();
    const heard rest = listen(self, active.id);
    EXPECT_EQ(bytes + rest.text().size(), data.size());
  });
  sender.join();
  sys.await_actors();
}

TEST(ActiveStream, EmptyFramesCountToo) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.other.send(std::string(1000, '\n'));
  in_actor(sys, [&](context& self) {
    activate(self, share(c), self.ref(),
             {.max_unhandled = 1280, .framing = std::make_shared<io::line_framer>(16)});
    std::vector<tcp_data> kept;
    while (self.receive([&](tcp_data&& next) { kept.push_back(std::move(next)); }, after(50ms))) {
    }
    EXPECT_EQ(kept.size(), 10U);
  });
  sys.await_actors();
}

TEST(ActiveStream, SaysWhyItEnded) {
  troupe::system sys({.workers = 1});
  const auto reason_of = [&](const std::string& sent, bool reset) {
    connection c(sys);
    c.other.send(sent);
    std::error_code reason;
    in_actor(sys, [&](context& self) {
      const auto active =
          activate(self, share(c), self.ref(),
                   {.framing = std::make_shared<io::line_framer>(100), .max_frame = 20});
      self.sleep_for(5ms);
      if (reset) {
        c.other.reset();
      } else {
        c.other.close();
      }
      reason = listen(self, active.id).reason;
    });
    return reason;
  };
  EXPECT_FALSE(reason_of("whole\n", false));
  EXPECT_EQ(reason_of("whole\npart", false), errc::end_of_stream);
  EXPECT_EQ(reason_of(std::string(20, 'l'), false), errc::too_long);
  EXPECT_EQ(reason_of("whole\n", true), std::errc::connection_reset);
}

TEST(ActiveStream, EndsWithItsOwner) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  active_stream active;
  in_actor(sys, [&](context& self) { active = activate(sys, share(c), self.ref()); });
  EXPECT_TRUE(eventually([&] { return !active.reader.alive(); }));
  EXPECT_EQ(c.other.receive_all(), "");
}

TEST(ActiveStream, RefusesBadOptions) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  const auto shared = share(c);
  const any_ref owner = sys.spawn([](context& self) { self.sleep_for(1min); });
  EXPECT_THROW(activate(sys, shared, owner, {.max_unhandled = 0}), std::invalid_argument);
  EXPECT_THROW(activate(sys, shared, owner, {.max_frame = 0}), std::invalid_argument);
  EXPECT_THROW(activate(sys, std::shared_ptr<io::tcp_stream>(), owner), std::logic_error);
  EXPECT_THROW(activate(sys, shared, any_ref()), std::logic_error);
  owner.kill();
}

}  // namespace
}  // namespace troupe

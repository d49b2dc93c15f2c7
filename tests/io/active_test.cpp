// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <io/connection.hpp>
#include <io/heard.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::connection;
using test::eventually;
using test::in_actor;
using test::listen;

std::shared_ptr<io::tcp_stream> share(connection& c) {
  return std::make_shared<io::tcp_stream>(std::move(c.stream));
}

// What holds for all kinds of streams is in active_kinds_test.cpp.

TEST(ActiveStream, TheOwnerMayWriteBesideTheReader) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  const auto shared = share(c);
  c.other.send("question");
  in_actor(sys, [&](context& self) {
    const auto active = activate(self, shared, self.ref());
    EXPECT_TRUE(self.receive([](const tcp_data&) {}, after(1min)));
    shared->write_all("the owner writes");
    active.reader.kill();
  });
  EXPECT_EQ(c.other.receive(16), "the owner writes");
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

// Parts of the stream would be missing, or its end, and nobody would know.
TEST(ActiveStream, RefusesAnOwnerWhoseMailboxDropsMessages) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  const auto shared = share(c);
  const auto socket = std::make_shared<io::udp_socket>(io::udp_socket::bind("127.0.0.1", 0));
  const auto spawn_owner = [&](mailbox_options mailbox) {
    return sys.spawn(spawn_options{.mailbox = mailbox},
                     [](context& self) { self.sleep_for(1min); });
  };
  for (const auto drops : {overflow::drop_newest, overflow::drop_oldest}) {
    const any_ref owner = spawn_owner({.capacity = 100, .when_full = drops});
    EXPECT_THROW(activate(sys, shared, owner), std::logic_error);
    EXPECT_THROW(activate(sys, socket, owner), std::logic_error);
    owner.kill();
    const any_ref unbounded = spawn_owner({.when_full = drops});
    EXPECT_NO_THROW(activate(sys, socket, unbounded).reader.kill());
    unbounded.kill();
  }
  // As many as there are messages for wait in the mailbox, and the reader waits for room.
  c.other.send(std::string(1000, '\n'));
  c.other.close();
  sys.spawn(spawn_options{.mailbox = {.capacity = 2, .when_full = overflow::suspend}},
            [&](context& self) {
              const auto active = activate(self, shared, self.ref(),
                                           {.framing = std::make_shared<io::line_framer>(16)});
              EXPECT_EQ(listen(self, active.id).parts.size(), 1000U);
            });
  sys.await_actors();
}

}  // namespace
}  // namespace troupe

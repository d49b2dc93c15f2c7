// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Connections whose peer is gone without a word, as a machine that has lost its power.

#include <support/eventually.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::connection;
using test::error_of;
using test::in_actor;
using test::peer;

/// A socket in repair mode is closed without a FIN or a reset. Whoever asks afterwards hears that
/// nobody is there: the kernel itself lives on.
bool vanish(peer& who) {
  const int on = 1;
  if (::setsockopt(who.descriptor(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0) return false;
  who.close();
  return true;
}

class HalfOpen : public testing::Test {
 protected:
  void SetUp() override {
    const peer probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (::setsockopt(probe.descriptor(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0) {
      GTEST_SKIP() << "closing without a FIN needs TCP_REPAIR, that is CAP_NET_ADMIN: "
                   << std::generic_category().message(errno);
    }
  }
};

TEST_F(HalfOpen, AWaitingReadIsEndedByKeepAlive) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.stream.keep_alive(io::keep_alive_options{.idle = 1s, .interval = 1s, .count = 1});
  ASSERT_TRUE(vanish(c.other));
  std::byte room[1];
  in_actor(sys, [&](context&) {
    EXPECT_EQ(error_of([&](auto& error) { c.stream.read(room, error); }),
              std::errc::connection_reset);
  });
}

TEST_F(HalfOpen, AWaitingReadIsEndedByTheIdleTimeout) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.stream.idle_timeout(50ms);
  ASSERT_TRUE(vanish(c.other));
  std::byte room[1];
  in_actor(sys, [&](context&) {
    EXPECT_EQ(error_of([&](auto& error) { c.stream.read(room, error); }), errc::timeout);
  });
}

TEST_F(HalfOpen, AWriteIsAnsweredByAReset) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  ASSERT_TRUE(vanish(c.other));
  std::byte room[1]{};
  in_actor(sys, [&](context&) {
    c.stream.write_all(room);  // goes out: nobody has said anything yet
    EXPECT_EQ(error_of([&](auto& error) { c.stream.read(room, error); }),
              std::errc::connection_reset);
    EXPECT_TRUE(error_of([&](auto& error) { c.stream.write_all(room, error); }));
  });
}

TEST_F(HalfOpen, AServersConnectionsAllEnd) {
  std::atomic<int> timeouts{0};
  troupe::system sys({.workers = 2});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = serve(sys, std::move(listener), [&](context&, io::tcp_stream stream) {
    stream.idle_timeout(2s);  // while it is served, whatever else the machine does
    std::byte room[64];
    std::error_code error;
    while (const std::size_t got = stream.read(room, error)) {
      stream.write_all(std::span(room).first(got));
    }
    if (error == errc::timeout) ++timeouts;
  });
  constexpr int count = 20;
  for (int i = 0; i < count; ++i) {
    peer client = peer::connect_to(port);
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    ASSERT_TRUE(vanish(client));
  }
  EXPECT_TRUE(test::eventually([&] { return sys.ask(server, count_connections{}) == 0; }));
  EXPECT_EQ(timeouts, count);
  EXPECT_EQ(sys.ask(server, drain{1min}), 0U);
}

}  // namespace
}  // namespace troupe

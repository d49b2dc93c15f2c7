// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <io/connection.hpp>
#include <io/watched.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::in_actor;
using test::peer;
using test::watched;

TEST(TcpListener, DualStackTakesIpv4ConnectionsUnlessToldNotTo) {
  troupe::system sys({.workers = 1});
  io::tcp_listener both;
  try {
    both = io::tcp_listener::bind("::", 0);
  } catch (const std::system_error& e) {
    GTEST_SKIP() << "no IPv6 here: " << e.what();
  }
  in_actor(sys, [&](context&) {
    const std::uint16_t port = both.local_endpoint().port();
    auto client = io::tcp_stream::connect("127.0.0.1", port);
    EXPECT_EQ(both.accept().remote_endpoint().address().to_string(), "::ffff:127.0.0.1");
    auto other = io::tcp_stream::connect("::1", port);
    EXPECT_EQ(both.accept().remote_endpoint().address().to_string(), "::1");

    auto six = io::tcp_listener::bind("::", 0, {.v6_only = true});
    EXPECT_EQ(error_of([&](auto& error) {
                const std::uint16_t at = six.local_endpoint().port();
                static_cast<void>(io::tcp_stream::connect("127.0.0.1", at, 1min, error));
              }),
              std::errc::connection_refused);
  });
}

TEST(TcpListener, SeveralShareAPort) {
  troupe::system sys({.workers = 2});
  auto all = io::tcp_listener::bind_several(3, "127.0.0.1", 0);
  ASSERT_EQ(all.size(), 3U);
  const std::uint16_t port = all[0].local_endpoint().port();
  EXPECT_EQ(all[2].local_endpoint().port(), port);
  std::atomic<int> accepted{0};
  std::vector<any_ref> acceptors;
  for (auto& each : all) {
    acceptors.push_back(sys.spawn([&](context&) {
      for (;;) {
        each.accept().write_all("x");
        ++accepted;
      }
    }));
  }
  std::vector<peer> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(peer::connect_to(port));
  for (peer& each : clients) EXPECT_EQ(each.receive_all(), "x");
  for (const any_ref& each : acceptors) each.kill();
  sys.await_actors();
  EXPECT_EQ(accepted, 50);
  EXPECT_THROW(static_cast<void>(io::tcp_listener::bind("127.0.0.1", port)), std::system_error);
  EXPECT_THROW(static_cast<void>(io::tcp_listener::bind_several(0, "127.0.0.1", 0)),
               std::invalid_argument);
  EXPECT_THROW(static_cast<void>(io::tcp_listener::bind_several(1025, "127.0.0.1", 0)),
               std::invalid_argument);
}

TEST(TcpListener, TheNthOfSeveralIsWatchedByTheNthWorkerWhereverItsActorRuns) {
  troupe::system sys({.workers = 2});
  auto all = io::tcp_listener::bind_several(2, "127.0.0.1", 0);
  in_actor(sys, [&](context& self) {
    for (auto& each : all) each.notify_readable(self);  // both by one behavior, on one worker
    EXPECT_EQ(watched(), (std::vector<std::size_t>{2, 2}));
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].move_to(i);  // is there
      EXPECT_EQ(watched(), (std::vector<std::size_t>{2, 2})) << i;
    }
    all[0].move_to(1);
    EXPECT_EQ(watched(), (std::vector<std::size_t>{1, 3}));
  });
}

TEST(TcpListener, SeveralAreServedEachByItsWorker) {
  troupe::system sys({.workers = 2});
  auto listeners = io::tcp_listener::bind_several(2, "127.0.0.1", 0);
  const std::uint16_t port = listeners[0].local_endpoint().port();
  std::vector<server_ref> servers;
  for (auto& each : listeners) {
    const std::string name(1, static_cast<char>('a' + servers.size()));
    servers.push_back(serve(sys, std::move(each), [name](context& self, io::tcp_stream stream) {
      stream.write_all(name);
      test::echo(self, std::move(stream));
    }));
  }
  std::vector<peer> clients;
  std::size_t by_first = 0;
  // The kernel chooses the listener by the client's port.
  while (clients.size() < 20 || by_first == 0 || by_first == clients.size()) {
    clients.push_back(peer::connect_to(port));
    by_first += clients.back().receive(1) == "a" ? 1 : 0;
    clients.back().send("hello");
    EXPECT_EQ(clients.back().receive(5), "hello");
    ASSERT_LT(clients.size(), 1000U);
  }
  std::vector<std::size_t> expected;
  for (const std::size_t count : {by_first, clients.size() - by_first}) {
    expected.push_back(2 + count);  // beside the reactor's own and the listener
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(test::eventually([&] { return watched() == expected; }));
  EXPECT_EQ(sys.ask(servers[0], count_connections{}), by_first);
  clients.clear();
  for (const server_ref& each : servers) EXPECT_EQ(sys.ask(each, drain{1min}), 0U);
  sys.await_actors();
}

TEST(TcpListener, TellsOfConnectionsByANotice) {
  troupe::system sys({.workers = 1});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  in_actor(sys, [&](context& self) {
    std::error_code error;
    EXPECT_FALSE(listener.try_accept(error));
    EXPECT_EQ(error, std::errc::operation_would_block);
    listener.notify_readable(self);
    EXPECT_FALSE(self.receive([](const io::socket_ready&) {}, after(5ms)));
    const peer first = peer::connect_to(port);
    const peer second = peer::connect_to(port);
    EXPECT_TRUE(self.receive([](const io::socket_ready&) {}, after(1min)));
    EXPECT_TRUE(listener.try_accept(error));
    listener.notify_readable(self);  // the second one is there already
    EXPECT_TRUE(self.receive([](const io::socket_ready&) {}, after(1min)));
    EXPECT_TRUE(listener.try_accept(error));
    EXPECT_FALSE(listener.try_accept(error));
  });
  std::error_code error;
  EXPECT_FALSE(io::tcp_listener().try_accept(error));
  EXPECT_EQ(error, std::errc::bad_file_descriptor);
}

TEST(TcpListener, MayBePolledByAPlainThread) {
  troupe::system sys({.workers = 1});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  peer client = peer::connect_to(listener.local_endpoint().port());
  std::error_code error;
  auto stream = listener.try_accept(error);
  ASSERT_TRUE(stream) << error;
  in_actor(sys, [&](context&) { stream.write_all("hello"); });
  stream.close();
  EXPECT_EQ(client.receive_all(), "hello");
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <io/connection.hpp>
#include <io/few_descriptors.hpp>
#include <io/watched.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::any_port;
using test::echo;
using test::in_actor;
using test::peer;
using test::watched;

TEST(TcpListener, EchoesOverManyConnections) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = sys.spawn([&listener](context& self) {
    for (;;) self.spawn(echo, listener.accept());
  });
  const std::size_t clients = test::scaled(400);
  constexpr int rounds = 20;
  std::atomic<std::size_t> served{0};
  for (std::size_t i = 0; i < clients; ++i) {
    static_cast<void>(sys.spawn([&, i](context&) {
      auto stream = io::tcp_stream::connect("127.0.0.1", port);
      for (int round = 0; round < rounds; ++round) {
        const std::string sent = std::to_string(i) + "/" + std::to_string(round);
        stream.write_all(sent);
        std::string got(sent.size(), '\0');
        stream.read_exactly(std::as_writable_bytes(std::span(got)));
        if (got != sent) return;
      }
      ++served;
    }));
  }
  EXPECT_TRUE(test::eventually([&] { return served == clients; })) << served;
  server.kill();
  sys.await_actors();
}

TEST(TcpListener, ErrorsNameAddressAndPort) {
  const auto first = any_port();
  const std::uint16_t port = first.local_endpoint().port();
  const auto expect_error = [](const std::string& address, std::uint16_t at,
                               const std::string& text) {
    try {
      static_cast<void>(io::tcp_listener::bind(address, at));
      ADD_FAILURE() << "no exception";
    } catch (const std::system_error& e) {
      EXPECT_NE(std::string(e.what()).find(text), std::string::npos) << e.what();
    }
  };
  expect_error("127.0.0.1", port, "127.0.0.1:" + std::to_string(port));
  expect_error("no address", 80, "no address:80");
  expect_error("", 80, "(empty host):80: no IPv4 or IPv6 address");
  expect_error(std::string("127.0.0.1\0evil", 14), 0, "127.0.0.1(zero byte)evil:0: no IPv4");
  expect_error("::1%nonsense", 0, "[::1%nonsense]:0: No such device");  // the zone
  EXPECT_THROW(static_cast<void>(io::tcp_listener::bind("127.0.0.1", 0, {.backlog = 0})),
               std::invalid_argument);
}

TEST(TcpListener, TakesAPortAgainThatWasJustInUse) {
  troupe::system sys({.workers = 1});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  for (int i = 0; i < 3; ++i) {
    peer client = peer::connect_to(port);
    in_actor(sys, [&](context&) { listener.accept().close(); });  // so its port lingers here
    EXPECT_EQ(client.receive_all(), "");
    listener.close();
    listener = io::tcp_listener::bind("127.0.0.1", port);
  }
}

TEST(TcpListener, SetsItsOptions) {
  io::tcp_listener listener;
  try {
    listener = io::tcp_listener::bind("::1", 0, {.v6_only = true});
  } catch (const std::system_error& e) {
    GTEST_SKIP() << "no IPv6 here: " << e.what();
  }
  int v6_only = 0;
  socklen_t size = sizeof v6_only;
  ::getsockopt(listener.native_handle(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &size);
  EXPECT_EQ(v6_only, 1);
}

/// How many connections the kernel accepts for a listener before it does.
std::size_t backlog_of(const io::tcp_listener& listener) {
  tcp_info info{};
  socklen_t size = sizeof info;
  EXPECT_EQ(::getsockopt(listener.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(info.tcpi_state, TCP_LISTEN);
  return info.tcpi_sacked;  // which says that of a socket that listens; ss(8) shows it, too
}

TEST(TcpListener, HasTheBacklogThatWasAskedFor) {
  std::size_t most = 0;  // of any listener
  std::ifstream("/proc/sys/net/core/somaxconn") >> most;
  ASSERT_GT(most, 0U);
  for (const int backlog : {1, 5, 77, 1'000'000'000}) {
    const auto listener = io::tcp_listener::bind("127.0.0.1", 0, {.backlog = backlog});
    EXPECT_EQ(backlog_of(listener), std::min(static_cast<std::size_t>(backlog), most));
  }
  EXPECT_EQ(backlog_of(any_port()), std::min(std::size_t{1024}, most));
}

TEST(TcpListener, SpreadsConnectionsOverTheWorkers) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = sys.spawn([&listener](context& self) {
    for (;;) self.spawn(echo, listener.accept());
  });
  std::vector<peer> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(peer::connect_to(port));
  // One of the reactors watches the listener as well.
  EXPECT_TRUE(test::eventually([] {
    return watched() == std::vector<std::size_t>{11, 12};
  })) << watched()[0]
      << " " << watched()[1];
  clients.clear();
  server.kill();
  sys.await_actors();
}

TEST(TcpListener, PassesOverConnectionsThatWereGivenUp) {
  troupe::system sys({.workers = 1});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  for (int i = 0; i < 10; ++i) peer::connect_to(port).reset();
  peer last = peer::connect_to(port);
  last.send("still here");
  in_actor(sys, [&](context&) {
    std::string got;
    while (got.empty()) {
      auto stream = listener.accept();
      std::error_code error;
      std::array<std::byte, 64> room;
      got = test::text_of(std::span(room).first(stream.read(room, error)));
    }
    EXPECT_EQ(got, "still here");
  });
}

TEST(TcpListener, WaitsWithoutSpinningWhileDescriptorsHaveRunOut) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  std::vector<peer> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(peer::connect_to(port));

  std::vector<io::tcp_stream> streams;
  streams.reserve(clients.size());
  std::atomic<std::size_t> accepted{0};
  const test::few_descriptors limit(3);
  static_cast<void>(sys.spawn([&](context&) {
    while (accepted < clients.size()) {
      streams.push_back(listener.accept());
      ++accepted;
    }
  }));
  ASSERT_TRUE(test::eventually([&] { return accepted == 3; }));
  const auto cpu_before = std::clock();
  const auto before = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(300ms);
  const double cpu = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
  EXPECT_EQ(accepted, 3U);
  EXPECT_LT(cpu,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count() / 2);

  // The actor only appends behind these three: each one closed makes room for another.
  for (std::size_t closed = 0; closed < 9; ++closed) {
    streams[closed].close();
    EXPECT_TRUE(test::eventually([&] { return accepted == closed + 4; })) << accepted;
  }
  sys.await_actors();
}

TEST(TcpListener, WithoutAPortEachCallSaysSo) {
  troupe::system sys({.workers = 1});
  io::tcp_listener none;
  EXPECT_FALSE(none.is_open());
  EXPECT_EQ(none.native_handle(), -1);
  EXPECT_THROW(static_cast<void>(none.local_endpoint()), std::system_error);
  EXPECT_THROW(static_cast<void>(none.accept()), std::logic_error);
  EXPECT_THROW(static_cast<void>(any_port().accept()), std::logic_error);
  in_actor(sys, [&](context&) {
    std::error_code error;
    EXPECT_FALSE(none.accept(error));
    EXPECT_EQ(error, std::errc::bad_file_descriptor);
  });
}

TEST(TcpListener, ACloseBesideAWaitingAcceptIsAnError) {
  troupe::system sys({.workers = 1});
  auto listener = any_port();
  std::atomic<bool> runs{false};
  static_cast<void>(sys.spawn([&](context&) {
    runs = true;
    EXPECT_TRUE(listener.accept());
  }));
  ASSERT_TRUE(test::eventually([&] { return runs.load(); }));
  in_actor(sys, [&](context&) {  // on the only worker: so the first one waits
    EXPECT_THROW(listener.close(), std::logic_error);
    EXPECT_THROW(static_cast<void>(listener.accept()), std::logic_error);
  });
  const peer client = peer::connect_to(listener.local_endpoint().port());
  sys.await_actors();
}

}  // namespace
}  // namespace troupe

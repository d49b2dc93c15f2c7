// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <io/connection.hpp>
#include <io/fake_resolver.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::in_actor;
using test::peer;
using test::peer_listener;

std::uint16_t unused_port() { return peer_listener().port(); }

/// Connects until the listener's queue is full: further connections get no answer.
std::vector<peer> fill(const peer_listener& listener) {
  std::vector<peer> all;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(listener.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 4; ++i) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    all.emplace_back(descriptor);
  }
  return all;
}

TEST(TcpConnect, ARefusalNamesHostAndPort) {
  troupe::system sys({.workers = 1});
  const std::uint16_t port = unused_port();
  in_actor(sys, [&](context&) {
    try {
      static_cast<void>(io::tcp_stream::connect("127.0.0.1", port));
      ADD_FAILURE() << "no exception";
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.code(), std::errc::connection_refused);
      EXPECT_NE(std::string(e.what()).find("127.0.0.1:" + std::to_string(port)), std::string::npos)
          << e.what();
    }
    std::error_code error;
    EXPECT_FALSE(io::tcp_stream::connect("127.0.0.1", port, 1min, error));
    EXPECT_EQ(error, std::errc::connection_refused);
  });
}

TEST(TcpConnect, TriesAllAddressesInTurn) {
  troupe::system sys({.workers = 1});
  peer_listener listener;  // not on 127.0.0.2
  in_actor(sys, [&](context&) {
    auto stream = io::tcp_stream::connect("two.test", listener.port());
    EXPECT_EQ(stream.remote_endpoint().address().to_string(), "127.0.0.1");
    stream.write_all("found");
  });
  EXPECT_EQ(listener.accept().receive_all(), "found");
}

TEST(TcpConnect, GivesUpAtItsTimeout) {
  troupe::system sys({.workers = 1});
  peer_listener listener(0);
  const std::vector<peer> in_the_way = fill(listener);
  in_actor(sys, [&](context&) {
    const auto before = std::chrono::steady_clock::now();
    std::error_code error;
    EXPECT_FALSE(io::tcp_stream::connect("127.0.0.1", listener.port(), 30ms, error));
    EXPECT_EQ(error, errc::timeout);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 30ms);
  });
}

TEST(TcpConnect, AConnectionThatFailedLeavesNothingOpen) {
  troupe::system sys({.workers = 1});
  const std::uint16_t port = unused_port();
  const std::size_t before = test::open_descriptors();
  in_actor(sys, [&](context&) {
    for (int i = 0; i < 100; ++i) {
      std::error_code error;
      EXPECT_FALSE(io::tcp_stream::connect("127.0.0.1", port, 1min, error));
    }
  });
  EXPECT_EQ(test::open_descriptors(), before);
}

TEST(TcpConnect, ByNameAndByIpv6Address) {
  troupe::system sys({.workers = 1});
  io::tcp_listener listener;
  try {
    listener = io::tcp_listener::bind("::1", 0);
  } catch (const std::system_error& e) {
    GTEST_SKIP() << "no IPv6 here: " << e.what();
  }
  const std::uint16_t port = listener.local_endpoint().port();
  in_actor(sys, [&](context&) {
    auto client = io::tcp_stream::connect("::1", port);
    auto server = listener.accept();
    EXPECT_EQ(server.remote_endpoint(), client.local_endpoint());
    EXPECT_TRUE(server.remote_endpoint().address().is_v6());
  });
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/connect.hpp>

#include <support/eventually.hpp>
#include <io/connection.hpp>
#include <io/fake_resolver.hpp>

#include <gtest/gtest.h>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
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
    static_cast<void>(
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address));
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

TEST(TcpConnect, AnEmptyHostAndOneWithAZeroByteAreNotThisMachine) {
  using namespace std::string_literals;
  troupe::system sys({.workers = 1});
  const peer_listener listener;  // would be found
  in_actor(sys, [&](context&) {
    for (const auto& [host, text] :
         {std::pair{""s, "connect to (empty host):"s},
          std::pair{"127.0.0.1\0evil"s, "connect to 127.0.0.1(zero byte)evil:"s}}) {
      try {
        static_cast<void>(io::tcp_stream::connect(host, listener.port()));
        ADD_FAILURE() << text;
      } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), std::errc::invalid_argument);
        EXPECT_NE(std::string(e.what()).find(text + std::to_string(listener.port())),
                  std::string::npos)
            << e.what();
      }
      std::error_code error;
      EXPECT_FALSE(io::tcp_stream::connect(host, listener.port(), 1min, error));
      EXPECT_EQ(error, std::errc::invalid_argument) << text;
    }
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
    for (const auto over : {0ns, -1ns}) {
      EXPECT_FALSE(io::tcp_stream::connect("127.0.0.1", listener.port(), over, error));
      EXPECT_EQ(error, errc::timeout);
    }
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
  EXPECT_TRUE(test::eventually([&] { return test::open_descriptors() <= before; }));
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

/// Keeps a listener at `address` (127.0.0.x) from answering further connections.
std::vector<peer> fill_at(const char* address, std::uint16_t port) {
  std::vector<peer> all;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  for (int i = 0; i < 6; ++i) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    static_cast<void>(::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to));
    all.emplace_back(descriptor);
  }
  return all;
}

/// Listeners at one port of the two addresses of two.test. The first one does not answer, until it
/// accepts.
struct two_addresses {
  explicit two_addresses(io::listen_options of_second = {}) {
    while (!second.is_open()) {
      first = io::tcp_listener::bind("127.0.0.2", 0, {.backlog = 1});
      port = first.local_endpoint().port();
      try {
        second = io::tcp_listener::bind("127.0.0.1", port, of_second);
      } catch (const std::system_error& e) {
        if (e.code() != std::errc::address_in_use) throw;  // another process has it
      }
    }
    in_the_way = fill_at("127.0.0.2", port);
  }
  io::tcp_listener first;
  io::tcp_listener second;
  std::uint16_t port = 0;
  std::vector<peer> in_the_way;
};

/// Whether `attempt` leaves so many descriptors open, its result among them. What Asio needs for
/// lookups is opened when a worker first sleeps through one, whichever that is: so not each time.
template <class Attempt>
bool leaves_open(std::size_t descriptors, Attempt attempt) {
  for (int i = 0; i < 3; ++i) {
    const std::size_t before = test::open_descriptors();
    [[maybe_unused]] const auto result = attempt();  // is still open when descriptors are counted
    if (test::open_descriptors() == before + descriptors) return true;
  }
  return false;
}

TEST(TcpConnect, DoesNotWaitForAnAddressThatIsSilent) {
  troupe::system sys({.workers = 1});
  const two_addresses both;
  in_actor(sys, [&](context&) {
    EXPECT_TRUE(leaves_open(1, [&] {  // the loser is closed
      const auto start = std::chrono::steady_clock::now();
      auto stream = io::tcp_stream::connect("two.test", both.port, 1min);
      EXPECT_GE(std::chrono::steady_clock::now() - start, 250ms);
      EXPECT_EQ(stream.remote_endpoint().address().to_string(), "127.0.0.1");
      return stream;
    }));
  });
}

TEST(TcpConnect, TheFirstAddressMayStillWinTheRace) {
  troupe::system sys({.workers = 1});
  two_addresses both({.backlog = 1});
  const std::vector<peer> in_the_way = fill_at("127.0.0.1", both.port);  // as silent
  in_actor(sys, [&](context& self) {
    const auto opener = self.spawn([&](context& other) {
      other.sleep_for(400ms);  // both attempts are under way
      for (;;) static_cast<void>(both.first.accept());
    });
    auto stream = io::tcp_stream::connect("two.test", both.port, 1min);
    EXPECT_EQ(stream.remote_endpoint().address().to_string(), "127.0.0.2");
    self.monitor(opener);
    opener.kill();
    self.receive([](const down&) {});
  });
}

TEST(TcpConnect, TheRaceEndsAtItsTimeoutAndWhenKilled) {
  troupe::system sys({.workers = 1});
  const two_addresses both({.backlog = 1});
  const std::vector<peer> in_the_way = fill_at("127.0.0.1", both.port);
  in_actor(sys, [&](context& self) {
    EXPECT_TRUE(leaves_open(0, [&] {
      const auto start = std::chrono::steady_clock::now();
      std::error_code error;
      EXPECT_FALSE(io::tcp_stream::connect("two.test", both.port, 300ms, error));
      EXPECT_EQ(error, errc::timeout);
      EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
      return error;
    }));
    EXPECT_TRUE(leaves_open(0, [&] {
      const auto racer = self.spawn(
          [&](context&) { static_cast<void>(io::tcp_stream::connect("two.test", both.port)); });
      self.monitor(racer);
      EXPECT_FALSE(self.receive([](const down&) {}, after(300ms)));
      racer.kill();
      EXPECT_TRUE(self.receive([](const down&) {}, after(1min)));
      return 0;
    }));
  });
}

TEST(TcpConnect, AttemptsThatFailAtOnceDoNotWaitForTheNext) {
  troupe::system sys({.workers = 1});
  peer_listener listener;  // at 127.0.0.1, the last of 51 addresses
  in_actor(sys, [&](context&) {
    const auto start = std::chrono::steady_clock::now();
    auto stream = io::tcp_stream::connect("many.test", listener.port());
    EXPECT_EQ(stream.remote_endpoint().address().to_string(), "127.0.0.1");
    EXPECT_LT(std::chrono::steady_clock::now() - start, 50 * 250ms / 2);
  });
}

TEST(TcpConnect, FamiliesTakeTurns) {
  const auto order = [](const std::vector<std::string>& addresses) {
    std::vector<io::endpoint> all;
    for (const auto& each : addresses) all.emplace_back(asio::ip::make_address(each), 1);
    io::detail::take_turns_by_family(all);
    std::vector<std::string> texts;
    for (const auto& each : all) texts.push_back(each.address().to_string());
    return texts;
  };
  using texts = std::vector<std::string>;
  EXPECT_EQ(order({}), texts());
  EXPECT_EQ(order({"::1", "::2", "::3", "10.0.0.1", "10.0.0.2"}),
            (texts{"::1", "10.0.0.1", "::2", "10.0.0.2", "::3"}));
  EXPECT_EQ(order({"10.0.0.1", "::1", "10.0.0.2", "10.0.0.3"}),
            (texts{"10.0.0.1", "::1", "10.0.0.2", "10.0.0.3"}));
  EXPECT_EQ(order({"10.0.0.1", "10.0.0.2"}), (texts{"10.0.0.1", "10.0.0.2"}));
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::connection;
using test::error_of;
using test::in_actor;
using test::read_text;

TEST(StreamIdleTimeout, EndsAWaitInWhichNothingMoves) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  in_actor(sys, [&](context& self) {
    c.stream.idle_timeout(20ms);
    self.sleep_for(30ms);  // not waited in the stream: does not count
    std::array<std::byte, 8> room;
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(error_of([&](auto& error) { c.stream.read(room, error); }), errc::timeout);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    c.stream.idle_timeout(std::nullopt);
    c.other.send("x");
    EXPECT_EQ(read_text(c.stream), "x");
  });
}

TEST(StreamIdleTimeout, AWriteThatNobodyTakesEndsToo) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  in_actor(sys, [&](context&) {
    c.stream.idle_timeout(20ms);
    const std::string much(16 << 20, 'w');
    EXPECT_EQ(error_of([&](auto& error) { c.stream.write_all(much, error); }), errc::timeout);
  });
}

TEST(StreamTimeout, BeyondWhatNanosecondsCanTellIsNone) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<bool> reading{false};
  std::atomic<bool> ended{false};
  static_cast<void>(sys.spawn([&](context&) {
    c.stream.read_timeout(std::chrono::hours::max());
    c.stream.write_timeout(std::chrono::seconds::max());
    c.stream.idle_timeout(std::chrono::minutes::max());
    reading = true;
    EXPECT_EQ(read_text(c.stream), "late");
    c.stream.write_all("answer");
    ended = true;
  }));
  while (!reading) std::this_thread::yield();
  std::this_thread::sleep_for(5ms);  // what is over at once is over by then
  EXPECT_FALSE(ended);
  c.other.send("late");
  sys.await_actors();
  EXPECT_TRUE(ended);
}

TEST(StreamIdleTimeout, TheOtherDirectionKeepsAWaitAlive) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  c.stream.idle_timeout(1s);
  std::atomic<bool> reading{false};
  std::atomic<bool> ended{false};
  static_cast<void>(sys.spawn([&](context&) {
    reading = true;
    EXPECT_EQ(read_text(c.stream), "");
    ended = true;
  }));
  in_actor(sys, [&](context& self) {
    while (!reading) self.yield();
    for (int i = 0; i < 15; ++i) {
      c.stream.write_all("tick");
      self.sleep_for(100ms);
    }
    EXPECT_FALSE(ended);
  });
  c.other.shutdown();
  sys.await_actors();
}

TEST(StreamIdleTimeout, AShorterReadTimeoutComesFirst) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  in_actor(sys, [&](context&) {
    c.stream.idle_timeout(1min);
    c.stream.read_timeout(10ms);
    std::array<std::byte, 8> room;
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(error_of([&](auto& error) { c.stream.read(room, error); }), errc::timeout);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 30s);
  });
  EXPECT_THROW(io::tcp_stream().idle_timeout(1s), std::system_error);
}

TEST(StreamLimits, OfZeroOrLessAreOverWhereACallWouldWait) {
  troupe::system sys({.workers = 1});
  for (const auto limit : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
    connection c(sys);
    const auto read_in_the_end = [&] {
      std::array<std::byte, 8> room;
      EXPECT_EQ(error_of([&](auto& error) { c.stream.read(room, error); }), errc::timeout);
      c.other.send("late");
      std::error_code error = errc::timeout;
      std::size_t got = 0;
      while (error == errc::timeout) got = c.stream.read(room, error);
      EXPECT_EQ(test::text_of(std::span(room).first(got)), "late") << error;
    };
    in_actor(sys, [&](context&) {
      c.stream.idle_timeout(limit);
      read_in_the_end();
      c.stream.idle_timeout(std::nullopt);
      c.stream.read_timeout(limit);
      read_in_the_end();
      c.stream.write_timeout(limit);
      c.stream.write_all("at once");
      EXPECT_EQ(c.other.receive(7), "at once");
      const std::string much(16 << 20, 'w');
      EXPECT_EQ(error_of([&](auto& error) { c.stream.write_all(much, error); }), errc::timeout);
    });
  }
}

/// What has come and not been read.
std::size_t unread(const io::tcp_stream& stream) {
  int bytes = -1;
  ::ioctl(stream.native_handle(), FIONREAD, &bytes);
  return static_cast<std::size_t>(bytes);
}

// Each of these receives several times, and never has to wait for what is there.
TEST(StreamLimits, APeerThatHasAlwaysSentSomethingDoesNotGetAroundThem) {
  constexpr std::size_t much = 40'000;
  const auto bytes_read = [&](std::chrono::nanoseconds limit, bool buffered) {
    troupe::system sys({.workers = 1});
    connection c(sys);
    c.other.send(std::string(much, 'x'));
    EXPECT_TRUE(test::eventually([&] { return unread(c.stream) == much; }));
    c.stream.read_timeout(limit);
    std::string whole;
    in_actor(sys, [&](context&) {
      std::error_code error;
      io::buffered_reader reader(c.stream, 2 * much);
      if (buffered) {
        reader.read_line(error);
        whole = reader.buffered();
      } else {
        c.stream.read_until(whole, "\n", 2 * much, error);
      }
      EXPECT_EQ(error, errc::timeout);
    });
    EXPECT_EQ(whole.size() + unread(c.stream), much);  // nothing is lost
    return whole.size();
  };
  for (const bool buffered : {false, true}) {
    EXPECT_LT(bytes_read(1ns, buffered), much);
    EXPECT_EQ(bytes_read(0ns, buffered), much);  // ends waits only
    EXPECT_EQ(bytes_read(50ms, buffered), much);
  }
}

TEST(StreamWrite, SendsManyBuffersInTurn) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  test::random_choices random(__LINE__);
  std::vector<std::string> parts;
  std::string sent;
  for (int i = 0; i < 500; ++i) {  // some empty, some larger than the socket's buffer
    parts.emplace_back(random.one_in(50) ? 300'000 : random.up_to(100), static_cast<char>(i));
    sent += parts.back();
  }
  std::vector<std::span<const std::byte>> buffers;
  for (const std::string& part : parts) buffers.push_back(std::as_bytes(std::span(part)));
  std::string got;
  std::thread taker([&] { got = c.other.receive_all(); });
  in_actor(sys, [&](context&) {
    c.stream.write_all(buffers);
    c.stream.write_all(std::span<const std::span<const std::byte>>());
    c.stream.shutdown();
  });
  taker.join();
  EXPECT_TRUE(got == sent);
}

TEST(StreamWrite, OfManyBuffersEndsWithAnErrorWhenThePeerResets) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  const std::string part(100'000, 'p');
  const std::vector<std::span<const std::byte>> buffers(300, std::as_bytes(std::span(part)));
  std::thread peer([&] {
    c.other.receive(1000);
    c.other.reset();
  });
  in_actor(sys, [&](context&) {
    const std::error_code error = error_of([&](auto& e) { c.stream.write_all(buffers, e); });
    EXPECT_TRUE(error == std::errc::connection_reset || error == std::errc::broken_pipe) << error;
  });
  peer.join();
}

TEST(TcpStream, ArrivesByteByByte) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  const std::string text = "one byte at a time";
  in_actor(sys, [&](context&) {
    for (const char& each : text) c.stream.write_all(std::string_view(&each, 1));
    c.stream.shutdown();
  });
  EXPECT_EQ(c.other.receive_all(), text);
}

TEST(TcpStream, AbortResetsTheConnection) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.stream.abort();
  EXPECT_FALSE(c.stream.is_open());
  EXPECT_THROW(c.other.receive(1), std::system_error);
  c.stream.abort();  // does nothing
}

TEST(TcpStream, AsksASilentPeerWhetherItIsThere) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  const auto option = [&](int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(c.stream.native_handle(), level, name, &value, &size);
    return value;
  };
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 0);
  c.stream.keep_alive(io::keep_alive_options{.idle = 7s, .interval = 3s, .count = 2});
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 7);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 3);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 2);
  c.stream.keep_alive(std::nullopt);
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 0);
  try {
    c.stream.keep_alive(io::keep_alive_options{.count = 200});
    ADD_FAILURE() << "no exception";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("count = 200"), std::string::npos) << e.what();
  }
  EXPECT_THROW(c.stream.keep_alive(io::keep_alive_options{.idle = 0s}), std::invalid_argument);
  EXPECT_THROW(c.stream.keep_alive(io::keep_alive_options{.interval = 40000s}),
               std::invalid_argument);
  EXPECT_THROW(io::tcp_stream().keep_alive(std::nullopt), std::system_error);
}

}  // namespace
}  // namespace troupe

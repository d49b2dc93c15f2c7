// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::connection;
using test::error_of;
using test::in_actor;
using test::read_text;

TEST(TcpStream, ReadsWhatIsThereAndThenTheEnd) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.other.send("hello");
  c.other.shutdown();
  in_actor(sys, [&](context&) {
    EXPECT_EQ(read_text(c.stream), "hello");
    EXPECT_EQ(read_text(c.stream), "");
    EXPECT_EQ(read_text(c.stream), "");  // the end stays the end
  });
}

TEST(TcpStream, AReadThatHasToWaitLetsOthersRun) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<bool> waiting{false};
  std::atomic<bool> done{false};
  static_cast<void>(sys.spawn([&](context&) {
    waiting = true;
    EXPECT_EQ(read_text(c.stream), "x");
    done = true;
  }));
  ASSERT_TRUE(test::eventually([&] { return waiting.load(); }));
  in_actor(sys, [&](context&) { EXPECT_FALSE(done); });  // on the only worker
  c.other.send("x");
  EXPECT_TRUE(test::eventually([&] { return done.load(); }));
  sys.await_actors();
}

TEST(TcpStream, TheEndThatCameTogetherWithTheLastBytesIsNotMissed) {
  troupe::system sys({.workers = 1});
  for (int i = 0; i < 200; ++i) {
    connection c(sys);
    c.other.send("last");
    c.other.close();
    in_actor(sys, [&](context&) {
      EXPECT_EQ(read_text(c.stream), "last");
      EXPECT_EQ(read_text(c.stream), "");
    });
  }
}

TEST(TcpStream, AResetThatCameTogetherWithTheLastBytesIsNotMissed) {
  troupe::system sys({.workers = 1});
  for (int i = 0; i < 200; ++i) {
    connection c(sys);
    c.other.send("last");
    c.other.reset();
    in_actor(sys, [&](context&) {
      std::error_code error;
      std::array<std::byte, 64> room;
      while (c.stream.read(room, error) != 0) {
      }
      EXPECT_EQ(error, std::errc::connection_reset);
    });
  }
}

// Also while the signals that preempt come thick and fast: see receive_past_mark().
TEST(TcpStream, BytesBehindAnUrgentMarkAreNotMissed) {
  troupe::system sys({.workers = 1, .preempt = {.fresh_quantum = 200us, .batch_quantum = 200us}});
  for (std::size_t i = 0; i < test::scaled(300); ++i) {
    connection c(sys);
    c.other.send("before");
    c.other.send_urgent('!');
    c.other.send("after");
    in_actor(sys, [&](context&) {
      std::string got;
      while (got.size() < 11) got += read_text(c.stream);
      EXPECT_EQ(got, "beforeafter");  // urgent data does not come in line
    });
  }
}

TEST(TcpStream, OneByteWritesArriveInOrder) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  std::string sent;
  for (int i = 0; i < 2000; ++i) sent += static_cast<char>('a' + i % 26);
  std::string got;
  static_cast<void>(sys.spawn([&](context&) {
    while (got.size() < sent.size()) got += read_text(c.stream, 7);
  }));
  for (const char each : sent) c.other.send({&each, 1});
  sys.await_actors();
  EXPECT_EQ(got, sent);
}

TEST(TcpStream, ReadExactlyFillsTheBufferOrReportsTheEnd) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  static_cast<void>(sys.spawn([&](context&) {
    std::array<std::byte, 6> room;
    c.stream.read_exactly(room);
    EXPECT_EQ(test::text_of(room), "abcdef");
    std::error_code error;
    EXPECT_EQ(c.stream.read_exactly(room, error), 2U);
    EXPECT_EQ(error, errc::end_of_stream);
    EXPECT_EQ(test::text_of(room), "ghcdef");
  }));
  for (const char* part : {"a", "bcd", "efgh"}) c.other.send(part);
  c.other.shutdown();
  sys.await_actors();
}

TEST(TcpStream, ReadUntilKeepsWhatCameBehindTheDelimiter) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  static_cast<void>(sys.spawn([&](context&) {
    std::string buffer;
    std::size_t length = c.stream.read_until(buffer, "\r\n", 100);
    EXPECT_EQ(buffer.substr(0, length), "first line\r\n");
    buffer.erase(0, length);
    length = c.stream.read_until(buffer, "\r\n", 100);
    EXPECT_EQ(buffer.substr(0, length), "second\r\n");
    buffer.erase(0, length);
    std::error_code error;
    EXPECT_EQ(c.stream.read_until(buffer, "\r\n", 100, error), 0U);
    EXPECT_EQ(error, errc::end_of_stream);
    EXPECT_EQ(buffer, "rest");
  }));
  for (const char* part : {"first ", "line\r", "\nsecond\r\nre", "st"}) c.other.send(part);
  c.other.shutdown();
  sys.await_actors();
}

TEST(TcpStream, ReadUntilStopsAtItsLimit) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.other.send("0123456789\n");
  in_actor(sys, [&](context&) {
    std::string buffer;
    EXPECT_EQ(error_of([&](auto& error) { c.stream.read_until(buffer, "\n", 10, error); }),
              errc::too_long);
    EXPECT_EQ(buffer, "0123456789");
    EXPECT_EQ(c.stream.read_until(buffer, "\n", 11), 11U);
  });
}

TEST(TcpStream, WritesMoreThanTheConnectionHolds) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::string data(16 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7 / 3);
  static_cast<void>(sys.spawn([&](context&) {
    c.stream.write_all(data);
    c.stream.shutdown();
  }));
  EXPECT_TRUE(c.other.receive_all() == data);
  sys.await_actors();
}

TEST(TcpStream, AResetInTheMiddleOfAWriteIsAnErrorAndNoSignal) {
  troupe::system sys({.workers = 1});
  for (const bool known : {false, true}) {
    connection c(sys);
    std::error_code error;
    static_cast<void>(sys.spawn([&](context&) {
      const std::string data(16 * 1024 * 1024, 'x');
      if (known) {
        std::array<std::byte, 1> room;
        c.stream.read(room, error);
      }
      c.stream.write_all(data, error);
    }));
    if (!known) c.other.receive(100'000);
    c.other.reset();
    sys.await_actors();
    EXPECT_TRUE(error == std::errc::connection_reset || error == std::errc::broken_pipe) << error;
  }
}

TEST(TcpStream, AHalfClosedConnectionGoesOnInTheOtherDirection) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  static_cast<void>(sys.spawn([&](context&) {
    EXPECT_EQ(read_text(c.stream), "question");
    EXPECT_EQ(read_text(c.stream), "");
    c.stream.write_all("answer");
    c.stream.shutdown();
    EXPECT_EQ(error_of([&](auto& error) { c.stream.write_all("more", error); }),
              std::errc::broken_pipe);
  }));
  c.other.send("question");
  c.other.shutdown();
  EXPECT_EQ(c.other.receive_all(), "answer");
  sys.await_actors();
}

TEST(TcpStream, AReadGivesUpAtItsTimeoutAndLosesNothing) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  in_actor(sys, [&](context&) {
    c.stream.read_timeout(20ms);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(error_of([&](auto& error) {
                std::array<std::byte, 8> room;
                c.stream.read(room, error);
              }),
              errc::timeout);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    try {
      read_text(c.stream);
      ADD_FAILURE() << "no exception";
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.code(), errc::timeout);
      EXPECT_NE(std::string(e.what()).find("stream::read"), std::string::npos);
    }
  });
  c.other.send("late");
  in_actor(sys, [&](context&) {
    c.stream.read_timeout(std::nullopt);
    EXPECT_EQ(read_text(c.stream), "late");
  });
}

TEST(TcpStream, AReadTimeoutIsForTheWholeCall) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<bool> done{false};
  std::error_code error;
  std::string buffer;
  c.other.send("x");  // there before the time runs
  static_cast<void>(sys.spawn([&](context&) {
    c.stream.read_timeout(50ms);
    c.stream.read_until(buffer, "\n", 1'000'000, error);
    done = true;
  }));
  while (!done) {  // a byte now and then does not keep the call alive
    c.other.send("x");
    std::this_thread::sleep_for(1ms);
  }
  sys.await_actors();
  EXPECT_EQ(error, errc::timeout);
  EXPECT_GT(buffer.size(), 0U);
}

TEST(TcpStream, AWriteToAPeerThatNeverReadsGivesUpAtItsTimeout) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  in_actor(sys, [&](context&) {
    c.stream.write_timeout(50ms);
    const std::string data(16 * 1024 * 1024, 'x');
    EXPECT_EQ(error_of([&](auto& error) { c.stream.write_all(data, error); }), errc::timeout);
    EXPECT_EQ(error_of([&](auto& error) { c.stream.write_all(data, error); }), errc::timeout);
  });
}

}  // namespace
}  // namespace troupe

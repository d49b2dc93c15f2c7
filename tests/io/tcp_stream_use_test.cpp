// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
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

TEST(TcpStream, WithoutAConnectionEachCallSaysSo) {
  troupe::system sys({.workers = 1});
  io::tcp_stream none;
  EXPECT_FALSE(none.is_open());
  EXPECT_EQ(none.native_handle(), -1);
  none.close();
  EXPECT_THROW(static_cast<void>(none.local_endpoint()), std::system_error);
  EXPECT_THROW(none.read_timeout(1s), std::system_error);
  in_actor(sys, [&](context& self) {
    std::array<std::byte, 1> room;
    std::string buffer;
    const auto bad = std::errc::bad_file_descriptor;
    EXPECT_EQ(error_of([&](auto& error) { none.read(room, error); }), bad);
    EXPECT_EQ(error_of([&](auto& error) { none.read_exactly(room, error); }), bad);
    EXPECT_EQ(error_of([&](auto& error) { none.read_until(buffer, "\n", 9, error); }), bad);
    EXPECT_EQ(error_of([&](auto& error) { none.try_read(room, error); }), bad);
    EXPECT_EQ(error_of([&](auto& error) { none.write_all("x", error); }), bad);
    EXPECT_EQ(error_of([&](auto& error) { none.shutdown(error); }), bad);
    EXPECT_THROW(none.notify_readable(self), std::system_error);
  });
}

TEST(TcpStream, APlainThreadMayNotWait) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::array<std::byte, 1> room;
  std::error_code error;
  EXPECT_THROW(c.stream.read(room), std::logic_error);
  EXPECT_THROW(c.stream.read(room, error), std::logic_error);
  EXPECT_THROW(c.stream.write_all("x"), std::logic_error);
  EXPECT_THROW(static_cast<void>(io::tcp_stream::connect("127.0.0.1", 1)), std::logic_error);
  EXPECT_THROW(io::tcp_stream().write_all("x"), std::logic_error);
}

TEST(TcpStream, AJobMayWaitLikeABehavior) {
  std::string got;
  troupe::system sys({.workers = 1});
  connection c(sys);
  counter done;
  sys.run([&] { got = read_text(c.stream); }, done);
  c.other.send("to a job");
  done.wait();
  EXPECT_EQ(got, "to a job");
}

TEST(TcpStream, OneReaderAndOneWriterMayShareAStream) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  const std::string data(4 * 1024 * 1024, 'd');
  std::string got;
  static_cast<void>(sys.spawn([&](context&) {
    while (got.size() < data.size()) got += read_text(c.stream, 65536);
  }));
  static_cast<void>(sys.spawn([&](context&) { c.stream.write_all(data); }));
  std::thread sender([&] { c.other.send(data); });
  EXPECT_TRUE(c.other.receive(data.size()) == data);
  sender.join();
  sys.await_actors();
  EXPECT_TRUE(got == data);
}

TEST(TcpStream, ASecondReaderAndACloseBesideAWaitingOneAreErrors) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<bool> first_runs{false};
  std::string got;
  static_cast<void>(sys.spawn([&](context&) {
    first_runs = true;
    got = read_text(c.stream);
  }));
  ASSERT_TRUE(test::eventually([&] { return first_runs.load(); }));
  in_actor(sys, [&](context&) {  // on the only worker: so the first one waits
    EXPECT_THROW(read_text(c.stream), std::logic_error);
    EXPECT_THROW(c.stream.close(), std::logic_error);
  });
  EXPECT_TRUE(c.stream.is_open());
  c.other.send("x");
  sys.await_actors();
  EXPECT_EQ(got, "x");
  c.stream.close();
  EXPECT_FALSE(c.stream.is_open());
}

TEST(TcpStream, KnowsItsEndpointsAndOptions) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  EXPECT_EQ(c.stream.local_endpoint().address().to_string(), "127.0.0.1");
  EXPECT_EQ(c.stream.remote_endpoint().address().to_string(), "127.0.0.1");
  EXPECT_NE(c.stream.local_endpoint().port(), c.stream.remote_endpoint().port());
  EXPECT_GE(c.stream.native_handle(), 0);
  c.stream.no_delay(false);
  c.stream.no_delay(true);
}

TEST(TcpStream, MayBeDestroyedByAnyThread) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  in_actor(sys, [&](context&) {
    c.stream.read_timeout(1ms);
    std::error_code error;
    std::array<std::byte, 1> room;
    c.stream.read(room, error);  // has waited: a reactor watches it
  });
  std::thread([stream = std::move(c.stream)]() mutable {}).join();
  EXPECT_EQ(c.other.receive_all(), "");
}

TEST(TcpStream, OutlivesItsSystemAndWaitsInAnother) {
  io::tcp_stream stream;
  test::peer other;
  for (int i = 0; i < 5; ++i) {
    troupe::system sys({.workers = 2});
    if (i == 0) {
      connection c(sys);
      stream = std::move(c.stream);
      other = std::move(c.other);
    }
    std::string got;
    static_cast<void>(sys.spawn([&](context&) { got = read_text(stream); }));
    other.send("round " + std::to_string(i));
    sys.await_actors();
    EXPECT_EQ(got, "round " + std::to_string(i));
  }
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::in_actor;

std::string read_all(io::stream& from) {
  std::string all;
  std::array<std::byte, 4096> room;
  while (const std::size_t got = from.read(room)) all += test::text_of(std::span(room).first(got));
  return all;
}

TEST(Pipe, ReadsOnBehindAPacket) {
  troupe::system sys({.workers = 1});
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_DIRECT | O_CLOEXEC), 0);
  auto reader = io::pipe_reader::adopt(ends[0]);
  auto writer = io::pipe_writer::adopt(ends[1]);
  in_actor(sys, [&](context& self) {
    reader.read_timeout(10s);
    const auto read = [&] {
      std::array<std::byte, 64> room;
      return test::text_of(std::span(room).first(reader.read(room)));
    };
    static_cast<void>(self.spawn([&](context&) { writer.write_all("x"); }));
    EXPECT_EQ(read(), "x");  // waits: from here on the pipe is watched
    writer.write_all("one");
    writer.write_all("two");
    self.sleep_for(20ms);  // both have been reported, as one
    EXPECT_EQ(read(), "one");
    EXPECT_EQ(read(), "two");
  });
}

TEST(Pipe, CarriesBytesUpToTheWritersEnd) {
  troupe::system sys({.workers = 2});
  auto [reader, writer] = io::make_pipe();
  const std::string data(1 << 20, 'p');  // more than a pipe holds
  static_cast<void>(sys.spawn([&, to = std::move(writer)](context&) mutable {
    to.write_all(data);
    to.shutdown();
    EXPECT_FALSE(to.is_open());
  }));
  std::string got;
  in_actor(sys, [&, &from = reader](context&) { got = read_all(from); });
  EXPECT_TRUE(got == data);
  sys.await_actors();
}

TEST(Pipe, TakesSeveralBuffersAtOnce) {
  troupe::system sys({.workers = 1});
  auto [reader, writer] = io::make_pipe();
  in_actor(sys, [&, &from = reader, &to = writer](context&) {
    const std::array<std::span<const std::byte>, 3> parts = {
        std::as_bytes(std::span("one ", 4)), {}, std::as_bytes(std::span("two", 3))};
    to.write_all(parts);
    to.close();
    EXPECT_EQ(read_all(from), "one two");
  });
}

TEST(Pipe, AReaderThatIsGoneIsAnErrorAndNoSignal) {
  troupe::system sys({.workers = 1});
  auto [reader, writer] = io::make_pipe();
  reader.close();
  in_actor(sys, [&, &to = writer](context&) {
    EXPECT_EQ(error_of([&](auto& error) { to.write_all("x", error); }), std::errc::broken_pipe);
  });
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST(Pipe, AReaderThatGoesWhileAWriterWaitsIsAnError) {
  troupe::system sys({.workers = 1});
  auto [reader, writer] = io::make_pipe();
  std::atomic<bool> runs{false};
  std::error_code error;
  static_cast<void>(sys.spawn([&, to = std::move(writer)](context&) mutable {
    runs = true;
    to.write_all(std::string(1 << 20, 'p'), error);
  }));
  ASSERT_TRUE(test::eventually([&] { return runs.load(); }));
  in_actor(sys, [&, &from = reader](context&) { from.close(); });  // so the writer waits
  sys.await_actors();
  EXPECT_EQ(error, std::errc::broken_pipe);
}

TEST(Pipe, TheWrongDirectionIsAnError) {
  troupe::system sys({.workers = 1});
  auto ends = io::make_pipe();
  in_actor(sys, [&](context&) {
    io::stream& reader = ends.first;
    io::stream& writer = ends.second;
    std::array<std::byte, 1> room;
    EXPECT_EQ(error_of([&](auto& error) { reader.write_all("x", error); }),
              std::errc::bad_file_descriptor);
    EXPECT_EQ(error_of([&](auto& error) { writer.read(room, error); }),
              std::errc::bad_file_descriptor);
  });
}

TEST(Pipe, HasTimeoutsAndNotices) {
  troupe::system sys({.workers = 1});
  auto ends = io::make_pipe();
  in_actor(sys, [&](context& self) {
    auto& reader = ends.first;
    auto& writer = ends.second;
    std::array<std::byte, 8> room;
    reader.read_timeout(5ms);
    EXPECT_EQ(error_of([&](auto& error) { reader.read(room, error); }), errc::timeout);
    EXPECT_EQ(error_of([&](auto& error) { reader.try_read(room, error); }),
              std::errc::operation_would_block);
    reader.notify_readable(self);
    EXPECT_FALSE(self.receive([](const io::socket_ready&) {}, after(5ms)));
    writer.write_all("news");
    EXPECT_TRUE(self.receive([](const io::socket_ready&) {}, after(1min)));
    std::error_code error;
    EXPECT_EQ(reader.try_read(room, error), 4U);
    writer.write_timeout(5ms);
    EXPECT_EQ(error_of([&](auto& e) { writer.write_all(std::string(1 << 20, 'p'), e); }),
              errc::timeout);
  });
}

TEST(Pipe, AdoptsADescriptorOfAPipeOnly) {
  troupe::system sys({.workers = 1});
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  auto reader = io::pipe_reader::adopt(ends[0]);
  EXPECT_EQ(reader.native_handle(), ends[0]);
  auto writer = io::pipe_writer::adopt(ends[1]);
  in_actor(sys, [&](context&) {
    writer.write_all("adopted");
    writer.close();
    EXPECT_EQ(read_all(reader), "adopted");
  });

  const auto expect_refused = [](int descriptor) {
    try {
      static_cast<void>(io::pipe_reader::adopt(descriptor));
      ADD_FAILURE() << "no exception";
    } catch (const std::system_error& e) {
      EXPECT_NE(std::string(e.what()).find("descriptor " + std::to_string(descriptor)),
                std::string::npos)
          << e.what();
    }
  };
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  expect_refused(file);
  EXPECT_EQ(::close(file), 0);  // it stayed the caller's
  expect_refused(-1);
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/random.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::in_actor;

/// What a peer sends, all of it there, and then the end of the stream.
io::local_stream stream_of(troupe::system& sys, const std::string& text) {
  auto ends = io::local_stream::make_pair();
  in_actor(sys, [&](context&) {
    ends.second.write_all(text);
    ends.second.shutdown();
  });
  return std::move(ends.first);
}

TEST(BufferedReader, ReadsLines) {
  troupe::system sys({.workers = 1});
  auto stream = stream_of(sys, "one\r\ntwo\n\nthree");
  in_actor(sys, [&](context&) {
    io::buffered_reader reader(stream);
    EXPECT_EQ(reader.read_line(), "one");
    EXPECT_EQ(reader.read_line(), "two");
    EXPECT_EQ(reader.read_line(), "");
    EXPECT_FALSE(reader.at_end());
    EXPECT_EQ(error_of([&](auto& error) { reader.read_line(error); }), errc::end_of_stream);
    EXPECT_EQ(reader.buffered(), "three");
    reader.consume(5);
    EXPECT_TRUE(reader.at_end());
    EXPECT_THROW(reader.consume(1), std::logic_error);
    EXPECT_EQ(error_of([&](auto& error) { reader.read_line(error); }), errc::end_of_stream);
  });
}

TEST(BufferedReader, MixesItsKindsOfReading) {
  troupe::system sys({.workers = 1});
  const std::string all =
      std::string("head: 5\r\n\r\nbody!key=value;") + std::string("\0\3abc", 5) + "rest";
  auto stream = stream_of(sys, all);
  in_actor(sys, [&](context&) {
    io::buffered_reader reader(stream);
    EXPECT_EQ(reader.peek(4), "head");
    EXPECT_EQ(reader.read_until("\r\n\r\n"), "head: 5");
    std::array<std::byte, 5> body;
    reader.read_exactly(body);
    EXPECT_EQ(test::text_of(body), "body!");
    EXPECT_EQ(reader.read_until(";"), "key=value");
    io::length_framer lengths(2, std::endian::big, 100);
    EXPECT_EQ(reader.read_frame(lengths), "abc");
    std::array<std::byte, 16> room;
    EXPECT_EQ(reader.read(room), 4U);
    EXPECT_EQ(reader.read(room), 0U);
    EXPECT_EQ(error_of([&](auto& error) { reader.read_exactly(room, error); }),
              errc::end_of_stream);
    EXPECT_EQ(reader.peek(3), "");
  });
}

TEST(BufferedReader, HoldsNoMoreThanItsLimit) {
  troupe::system sys({.workers = 1});
  auto stream = stream_of(sys, std::string(100, 'a') + "\nshort\n");
  in_actor(sys, [&](context&) {
    io::buffered_reader reader(stream, 32);
    EXPECT_EQ(error_of([&](auto& error) { reader.read_line(error); }), errc::too_long);
    EXPECT_EQ(reader.buffered().size(), 32U);
    EXPECT_EQ(error_of([&](auto& error) { reader.peek(33, error); }), errc::too_long);
    EXPECT_EQ(reader.peek(32).size(), 32U);
    std::array<std::byte, 101> rest;  // larger than the limit: goes past the buffer
    reader.read_exactly(rest);
    EXPECT_EQ(reader.read_line(), "short");
  });
  EXPECT_THROW(io::buffered_reader(stream, 0), std::invalid_argument);
}

TEST(BufferedReader, ATimeoutIsForTheWholeCallAndLosesNothing) {
  troupe::system sys({.workers = 1});
  auto ends = io::local_stream::make_pair();
  in_actor(sys, [&](context& self) {
    const auto loris = self.spawn([&](context& slow) {
      for (;;) {
        ends.second.write_all("x");
        slow.sleep_for(5ms);
      }
    });
    self.monitor(loris);
    io::buffered_reader reader(ends.first);
    ends.first.read_timeout(40ms);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(error_of([&](auto& error) { reader.read_line(error); }), errc::timeout);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 30s);
    loris.kill();
    self.receive([](const down&) {});
    ends.first.read_timeout(std::nullopt);
    const std::size_t came = reader.buffered().size();
    EXPECT_GE(came, 1U);
    ends.second.write_all("y\n");
    const auto line = reader.read_line();
    EXPECT_GE(line.size(), came + 1);
    EXPECT_EQ(line.back(), 'y');
  });
}

TEST(BufferedReader, ReadsFromAnyKindOfStream) {
  troupe::system sys({.workers = 1});
  test::connection c(sys);
  c.other.send("by TCP\n");
  auto pipe = io::make_pipe();
  in_actor(sys, [&](context&) {
    EXPECT_EQ(io::buffered_reader(c.stream).read_line(), "by TCP");
    pipe.second.write_all("by pipe\n");
    EXPECT_EQ(io::buffered_reader(pipe.first).read_line(), "by pipe");
    pipe.first.close();
    io::buffered_reader closed(pipe.first);
    EXPECT_EQ(error_of([&](auto& error) { closed.read_line(error); }),
              std::errc::bad_file_descriptor);
  });
  io::buffered_reader outside(c.stream);
  EXPECT_THROW(outside.read_line(), std::logic_error);
}

TEST(BufferedReader, LosesNoByteHoweverTheyCome) {
  troupe::system sys({.workers = 2});
  test::random_choices random(__LINE__);
  auto ends = io::local_stream::make_pair();
  std::string sent;
  for (int i = 0; i < 3000; ++i) sent += std::string(random.up_to(120), 'l') + "\n";
  static_cast<void>(sys.spawn([&](context& self) {
    test::random_choices pieces(__LINE__);
    for (std::size_t at = 0; at < sent.size();) {
      const std::string piece = sent.substr(at, 1 + pieces.up_to(300));
      ends.second.write_all(piece);
      at += piece.size();
      if (pieces.one_in(4)) self.yield();
    }
    ends.second.shutdown();
  }));
  std::string got;
  in_actor(sys, [&](context&) {
    io::buffered_reader reader(ends.first, 200);
    while (!reader.at_end()) {
      if (random.one_in(3)) {
        std::array<std::byte, 40> room;
        const std::size_t count = reader.read(std::span(room).first(1 + random.up_to(39)));
        got += test::text_of(std::span(room).first(count));
      } else {
        got += std::string(reader.read_line()) + "\n";
      }
    }
  });
  EXPECT_TRUE(got == sent);
  sys.await_actors();
}

}  // namespace
}  // namespace troupe

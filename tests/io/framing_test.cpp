// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/random.hpp>
#include <troupe/troupe.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

/// The bodies found in `input` when it comes in pieces of at most `piece` bytes.
std::vector<std::string> bodies(io::framer& by, const std::string& input, std::size_t piece,
                                std::error_code& error) {
  std::vector<std::string> found;
  std::string buffer;
  for (std::size_t at = 0; at < input.size() && !error; at += piece) {
    buffer += input.substr(at, piece);
    while (const auto next = by.find(buffer, error)) {
      found.emplace_back(next->body);
      buffer.erase(0, next->size);
    }
  }
  return found;
}

TEST(Framing, FindsLinesHoweverTheyCome) {
  const std::string input = "one\r\n\ntwo\r\rthree\n\r\nnot ended";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    std::error_code error;
    io::line_framer lines(16);
    EXPECT_EQ(bodies(lines, input, piece, error),
              (std::vector<std::string>{"one", "", "two\r\rthree", ""}))
        << piece;
    EXPECT_FALSE(error);
  }
}

TEST(Framing, FindsDelimitersThatComeInPieces) {
  const std::string input = "a--b----c-";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    std::error_code error;
    io::delimiter_framer frames("--", 8);
    EXPECT_EQ(bodies(frames, input, piece, error), (std::vector<std::string>{"a", "b", ""}));
  }
}

TEST(Framing, BoundsWhatAPeerCanSend) {
  std::error_code error;
  io::delimiter_framer exact("\n", 3);
  EXPECT_TRUE(exact.find("abc\n", error));
  EXPECT_FALSE(error);
  EXPECT_FALSE(exact.find("abc", error));
  EXPECT_FALSE(error);  // the end may follow
  EXPECT_FALSE(exact.find("abcd", error));
  EXPECT_EQ(error, errc::too_long);

  error.clear();
  io::line_framer lines(3);
  EXPECT_FALSE(lines.find("abcd\n", error));
  EXPECT_EQ(error, errc::too_long);

  error.clear();
  io::length_framer lengths(4, std::endian::big, 1000);
  EXPECT_FALSE(lengths.find(std::string("\xff\xff\xff\xff", 4), error));
  EXPECT_EQ(error, errc::too_long);
}

TEST(Framing, LengthsAreReadAsTheyAreWritten) {
  for (const std::endian order : {std::endian::big, std::endian::little}) {
    for (const std::size_t width : {1U, 2U, 4U}) {
      io::length_framer frames(width, order, 255);
      std::string input;
      std::vector<std::string> sent;
      for (const std::size_t size : {0U, 1U, 200U, 255U}) {
        sent.emplace_back(size, 'x');
        input += frames.prefix(size) + sent.back();
      }
      for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, input.size()}) {
        std::error_code error;
        EXPECT_EQ(bodies(frames, input, piece, error), sent) << width;
        EXPECT_FALSE(error);
      }
    }
  }
  EXPECT_EQ(io::length_framer(2, std::endian::big, 999).prefix(0x102), "\x01\x02");
  EXPECT_EQ(io::length_framer(2, std::endian::little, 999).prefix(0x102), "\x02\x01");
}

TEST(Framing, RefusesWhatCannotWork) {
  const auto refused = [](auto&& make) -> std::string {
    try {
      static_cast<void>(make());
    } catch (const std::logic_error& e) {
      return e.what();
    }
    return "nothing";
  };
  EXPECT_EQ(refused([] { return io::delimiter_framer("", 8); }),
            "troupe: an empty delimiter ends no frame");
  EXPECT_EQ(refused([] { return io::length_framer(3, std::endian::big, 8); }),
            "troupe: a length of 3 bytes is not of 1, 2 or 4");
  EXPECT_EQ(refused([] { return io::length_framer(2, static_cast<std::endian>(7), 8); }),
            "troupe: a length whose bytes are in order 7, neither std::endian::big nor little");
  EXPECT_EQ(refused([] { return io::length_framer(1, std::endian::big, 999).prefix(256); }),
            "troupe: a frame of 256 bytes, of at most 255");
  EXPECT_EQ(refused([] { return io::length_framer(4, std::endian::big, 8).prefix(9); }),
            "troupe: a frame of 9 bytes, of at most 8");
}

TEST(Framing, RandomBytesNeverYieldMoreThanTheLimit) {
  test::random_choices random(__LINE__);
  for (int round = 0; round < 2000; ++round) {
    std::string input(random.up_to(64), '\0');
    for (char& c : input) c = static_cast<char>(random.one_in(4) ? '\n' : random.up_to(255));
    io::line_framer lines(8);
    io::length_framer lengths(1, std::endian::big, 8);
    for (io::framer* by : {static_cast<io::framer*>(&lines), static_cast<io::framer*>(&lengths)}) {
      std::error_code error;
      const std::size_t piece = 1 + random.up_to(7);
      for (const std::string& body : bodies(*by, input, piece, error)) EXPECT_LE(body.size(), 8U);
    }
  }
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_request.hpp>
#include <examples/kv_server/protocol/request_reader.hpp>
#include <support/effort.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using kv::request_limits;
using kv::request_reader;
using kv::test::request;
using state = request_reader::state;
using requests = std::vector<std::vector<std::string>>;

// A reader, and what came out of it so far.
struct feed {
  explicit feed(request_limits limits = {}) : reader(limits) {}

  void put(std::string_view bytes, std::size_t piece = 1'000'000) {
    while (!bytes.empty() && last == state::ok) {
      const auto room = reader.room();
      const auto count = std::min({room.size(), bytes.size(), piece});
      std::copy_n(bytes.data(), count, room.data());
      reader.commit(count);
      bytes.remove_prefix(count);
      last = reader.parse();
      for (const auto& each : reader.requests()) {
        auto& words = seen.emplace_back();
        const auto given = reader.arguments_of(each);
        for (std::size_t i = 0; i < given.size(); ++i) words.emplace_back(given[i]);
      }
      reader.drop_parsed();
    }
  }

  request_reader reader;
  requests seen;
  state last = state::ok;
};

std::string error_of(std::string_view bytes, request_limits limits = {}) {
  feed all(limits);
  all.put(bytes);
  EXPECT_EQ(all.last, state::protocol_error);
  return all.reader.error();
}

TEST(RequestReader, UnderstandsArraysAndLines) {
  feed all;
  all.put(
      "*2\r\n$3\r\nget\r\n$1\r\na\r\nping 'a b'\r\n\r\nset x "
      "\"\\x41\"\n*0\r\n*-1\r\n*1\r\n$0\r\n\r\n");
  EXPECT_EQ(all.seen, (requests{{"get", "a"}, {"ping", "a b"}, {"set", "x", "A"}, {""}}));
  EXPECT_EQ(all.last, state::ok);
  EXPECT_FALSE(all.reader.within_request());
}

TEST(RequestReader, RequestsMayArriveInPiecesOfAnySize) {
  std::mt19937_64 random(troupe::test::seed());
  for (std::size_t round = 0; round < troupe::test::scaled(60); ++round) {
    std::string bytes;
    requests expected;
    for (auto left = 1 + random() % 20; left != 0; --left) {
      auto& words = expected.emplace_back();
      for (auto count = 1 + random() % 6; count != 0; --count) {
        words.emplace_back(random() % (random() % 8 == 0 ? 40'000 : 10),
                           static_cast<char>(random()));
      }
      if (random() % 4 == 0) {
        words = {"ping", "line"};
        bytes += "ping line\r\n";
      } else {
        bytes += request({words.begin(), words.end()});
      }
    }
    for (const std::size_t piece : {1U, 2U, 7U, 1000U, 100'000U}) {
      feed all;
      all.put(bytes, piece);
      ASSERT_EQ(all.seen, expected) << "pieces of " << piece;
    }
  }
}

TEST(RequestReader, KnowsWhetherARequestIsUnfinished) {
  feed all;
  const std::string bytes = request({"set", "a", "b"});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    all.put(bytes.substr(i, 1));
    EXPECT_EQ(all.reader.within_request(), i + 1 < bytes.size());
  }
}

TEST(RequestReader, SaysWhatIsWrongInRedissWords) {
  EXPECT_EQ(error_of("*x\r\n"), "invalid multibulk length");
  EXPECT_EQ(error_of("*1048577\r\n"), "invalid multibulk length");
  EXPECT_EQ(error_of("*99999999999999999999\r\n"), "invalid multibulk length");
  EXPECT_EQ(error_of("*1\r\nfoo\r\n"), "expected '$', got 'f'");
  EXPECT_EQ(error_of("*1\r\n$-1\r\n"), "invalid bulk length");
  EXPECT_EQ(error_of("*1\r\n$\r\n"), "invalid bulk length");
  EXPECT_EQ(error_of("*1\r\n$536870913\r\n"), "invalid bulk length");
  EXPECT_EQ(error_of("ping \"a\r\n"), "unbalanced quotes in request");
  EXPECT_EQ(error_of(std::string(65'537, 'x')), "too big inline request");
  EXPECT_EQ(error_of(std::string("*").append(65'537, '1')), "too big mbulk count string");
  EXPECT_EQ(error_of(std::string("*1\r\n$").append(65'537, '1')), "too big bulk count string");
}

TEST(RequestReader, LimitsAreSettable) {
  request_limits limits;
  limits.line = 100;
  limits.arguments = 3;
  limits.argument = 10;
  EXPECT_EQ(error_of(std::string(101, 'x'), limits), "too big inline request");
  EXPECT_EQ(error_of("*4\r\n", limits), "invalid multibulk length");
  EXPECT_EQ(error_of("*1\r\n$11\r\n", limits), "invalid bulk length");
}

TEST(RequestReader, RequestsBeforeAnErrorStand) {
  feed all;
  all.put(request({"set", "a", "1"}) + "ping\r\n*1\r\n!\r\n");
  EXPECT_EQ(all.last, state::protocol_error);
  EXPECT_EQ(all.seen, (requests{{"set", "a", "1"}, {"ping"}}));
}

TEST(RequestReader, AnAnnouncedLengthCostsNoMemory) {
  feed all;
  all.put("*1000000\r\n$500000000\r\nabc");
  EXPECT_EQ(all.last, state::ok);
  EXPECT_LE(all.reader.capacity(), 64 * 1024U);
}

TEST(RequestReader, MoreThanTheBufferMayHoldIsRefused) {
  request_limits limits;
  limits.buffer = 100'000;
  feed all(limits);
  all.put(std::string("*1\r\n$400000\r\n").append(400'000, 'x'), 5000);
  EXPECT_EQ(all.last, state::too_large);
  EXPECT_LE(all.reader.capacity(), 300'000U);
}

TEST(RequestReader, MemoryOfALargeRequestIsGivenBack) {
  feed all;
  all.put(request({"set", "a", std::string(3'000'000, 'x')}));
  ASSERT_EQ(all.seen.size(), 1U);
  EXPECT_LE(all.reader.capacity(), 64 * 1024U);
}

TEST(RequestReader, RandomBytesNeverHarm) {
  std::mt19937_64 random(troupe::test::seed());
  constexpr std::string_view likely = "*$0123456789-\r\n\r\n\r\n '\"\\x";
  for (std::size_t round = 0; round < troupe::test::scaled(3000); ++round) {
    request_limits limits;
    limits.line = 200;
    limits.argument = 500;
    limits.arguments = 20;
    limits.buffer = 10'000;
    feed all(limits);
    std::string bytes;
    for (auto left = random() % 3000; left != 0; --left) {
      bytes += random() % 4 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
    }
    all.put(bytes, 1 + random() % 100);
    ASSERT_LE(all.reader.capacity(), 64 * 1024U);
  }
}

TEST(RequestReader, TinyPiecesOfALongRequestAreNotReadAgain) {
  // A million arguments that arrive one at a time: quadratic work would take minutes.
  feed all;
  all.put("*1000000\r\n");
  for (int i = 0; i < 1'000'000; ++i) all.put("$1\r\nx\r\n", 100);
  ASSERT_EQ(all.seen.size(), 1U);
  EXPECT_EQ(all.seen[0].size(), 1'000'000U);
}

}  // namespace

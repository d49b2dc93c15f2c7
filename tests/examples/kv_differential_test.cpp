// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_local_engine.hpp>
#include <examples/kv_random_commands.hpp>
#include <examples/kv_redis_server.hpp>
#include <examples/kv_request.hpp>
#include <examples/kv_server/data/glob.hpp>
#include <support/effort.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

namespace {

using namespace kv::test;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class Differential : public testing::Test {
 protected:
  void SetUp() override {
    if (!redis_server::installed()) GTEST_SKIP() << "redis-server is not installed";
  }
};

class DifferentialByShards : public Differential,
                             public testing::WithParamInterface<std::size_t> {};

TEST_P(DifferentialByShards, RandomCommandsAreAnsweredAsByRedis) {
  constexpr std::size_t commands = troupe::test::scaled(30'000);
  redis_server redis;
  auto theirs = redis.connect();
  local_engine ours(GetParam());
  random_commands random(troupe::test::seed());
  for (std::size_t i = 0; i < commands; ++i) {
    const auto command = random.next();
    ours.set_time(now());
    const auto expected = theirs.ask(command.arguments);
    const auto answer = ours.run(command.arguments);
    ASSERT_TRUE(same_answer(command.how, expected, answer))
        << "command " << i << ": " << shown(command) << "\nredis-server: " << expected
        << "\nkv_server: " << answer;
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, DifferentialByShards, testing::Values(1, 2, 5));

TEST_F(Differential, PatternsMatchAsInRedis) {
  redis_server redis;
  auto theirs = redis.connect();
  std::mt19937_64 random(troupe::test::seed());
  const auto draw = [&](std::string_view letters, std::size_t most) {
    std::string result;
    for (auto left = random() % (most + 1); left != 0; --left) {
      result += letters[random() % letters.size()];
    }
    return result;
  };
  for (std::size_t i = 0; i < troupe::test::scaled(20'000); ++i) {
    const auto pattern = draw("**??[]^-\\aabc\xff", 8);
    const auto text = draw("aabc-]\\\xff", 6);
    theirs.send(request({"flushall"}) + request({"set", text, ""}) + request({"keys", pattern}));
    theirs.read_reply();
    theirs.read_reply();
    const bool expected = theirs.read_reply() != "*0\r\n";
    const std::string shown = "pattern '" + pattern + "' text '" + text + "'";
    ASSERT_EQ(pattern == "*" || kv::glob_matches(pattern, text), expected) << shown;
    if (!text.empty()) {
      ASSERT_EQ(kv::glob_automaton(pattern).matches(text), expected) << shown;
    }
  }
}

}  // namespace

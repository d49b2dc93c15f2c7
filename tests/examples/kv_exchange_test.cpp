// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_client.hpp>
#include <examples/kv_local_engine.hpp>
#include <examples/kv_request.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace {

using kv::test::local_engine;
using kv::test::reply;
using kv::test::request;

TEST(Exchange, AnswersComeInTheOrderOfRequestsWhateverTheShards) {
  local_engine engine(4);
  std::string requests;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const auto key = "key:" + std::to_string(i % 37);
    requests += request({"append", key, "x"}) + request({"strlen", key}) + request({"nosuch"});
    const auto length = std::to_string(i / 37 + 1);
    expected += ":" + length + "\r\n:" + length +
                "\r\n-ERR unknown command 'nosuch', with args beginning with: \r\n";
  }
  EXPECT_EQ(engine.execute(requests), expected);
}

TEST(Exchange, CommandsOnManyKeysGatherFromTheShards) {
  local_engine engine(3);
  EXPECT_EQ(engine.run({"mset", "a", "1", "b", "2", "c", "3", "d", "4"}), "+OK\r\n");
  EXPECT_EQ(engine.run({"mget", "d", "x", "a", "c", "a"}),
            "*5\r\n$1\r\n4\r\n$-1\r\n$1\r\n1\r\n$1\r\n3\r\n$1\r\n1\r\n");
  EXPECT_EQ(engine.run({"exists", "a", "b", "a", "x"}), ":3\r\n");
  EXPECT_EQ(engine.run({"dbsize"}), ":4\r\n");
  EXPECT_EQ(engine.run({"del", "a", "b", "x"}), ":2\r\n");
  EXPECT_EQ(engine.run({"flushall"}), "+OK\r\n");
  EXPECT_EQ(engine.run({"dbsize"}), ":0\r\n");
}

TEST(Exchange, AScanGoesThroughAllShards) {
  for (const std::size_t shards : {1U, 2U, 5U}) {
    local_engine engine(shards);
    std::set<std::string> expected;
    for (int i = 0; i < 500; ++i) {
      expected.insert("key:" + std::to_string(i));
      engine.run({"set", "key:" + std::to_string(i), ""});
    }
    std::multiset<std::string> seen;
    std::string cursor = "0";
    int steps = 0;
    do {
      const auto bytes = engine.run({"scan", cursor, "count", "20"});
      std::string_view rest = bytes;
      reply answer;
      ASSERT_TRUE(take_reply(rest, answer));
      cursor = answer.items[0].text;
      for (const auto& each : answer.items[1].items) seen.insert(each.text);
      ASSERT_LT(++steps, 500);
    } while (cursor != "0");
    EXPECT_GT(steps, 15);
    EXPECT_EQ(std::multiset<std::string>(expected.begin(), expected.end()), seen);
  }
}

TEST(Exchange, AScanSelectsByPatternAndType) {
  local_engine engine(1);
  engine.run({"mset", "a1", "", "a2", "", "b1", ""});
  engine.run({"lpush", "a3", "x"});
  const auto scan = [&](std::initializer_list<std::string_view> options) {
    std::vector<std::string> command{"scan", "0", "count", "1000"};
    command.insert(command.end(), options.begin(), options.end());
    return engine.run(command);
  };
  EXPECT_EQ(scan({"match", "b*"}), "*2\r\n$1\r\n0\r\n*1\r\n$2\r\nb1\r\n");
  EXPECT_EQ(scan({"type", "list"}), "*2\r\n$1\r\n0\r\n*1\r\n$2\r\na3\r\n");
  EXPECT_EQ(scan({"match", "b*", "type", "list"}), "*2\r\n$1\r\n0\r\n*0\r\n");
}

TEST(Exchange, CursorsNobodyHandedOutDoNoHarm) {
  for (const std::size_t shards : {1U, 3U}) {
    local_engine engine(shards);
    for (int i = 0; i < 100; ++i) engine.run({"set", std::to_string(i), ""});
    for (const auto* const cursor :
         {"1", "65535", "281474976710655", "281474976710656", "18446744073709551615",
          "9223372036854775807", "844424930131968", "1125899906842623"}) {
      EXPECT_EQ(engine.run({"scan", cursor})[0], '*') << cursor;
    }
    EXPECT_EQ(engine.run({"scan", "18446744073709551616"}), "-ERR invalid cursor\r\n");
    EXPECT_EQ(engine.run({"scan", "x"}), "-ERR invalid cursor\r\n");
    EXPECT_EQ(engine.run({"scan", "-"}), "-ERR invalid cursor\r\n");
    EXPECT_EQ(engine.run({"scan", "-1"})[0], '*');
    EXPECT_EQ(engine.run({"scan", ""}), engine.run({"scan", "0"}));
  }
}

TEST(Exchange, ExpiredKeysAreGoneForEveryCommand) {
  local_engine engine(2);
  engine.set_time(1'000'000);
  engine.run({"set", "a", "1", "px", "100"});
  engine.run({"set", "b", "1", "ex", "1"});
  EXPECT_EQ(engine.run({"pttl", "a"}), ":100\r\n");
  EXPECT_EQ(engine.run({"ttl", "b"}), ":1\r\n");
  engine.set_time(1'000'100);
  EXPECT_EQ(engine.run({"get", "a"}), "$-1\r\n");
  EXPECT_EQ(engine.run({"pttl", "b"}), ":900\r\n");
  EXPECT_EQ(engine.run({"set", "b", "2", "keepttl"}), "+OK\r\n");
  EXPECT_EQ(engine.run({"persist", "b"}), ":1\r\n");
  engine.set_time(1'005'000);
  EXPECT_EQ(engine.run({"get", "b"}), "$1\r\n2\r\n");
}

TEST(Exchange, WhatIsGatheredForAnAnswerCountsBesideWhatWaits) {
  const kv::command_table commands{kv::string_commands()};
  kv::store keys;
  keys.insert(kv::hashed("a"), kv::value(std::string(3'000, 'x')));
  const auto run = [&](const std::string& requests) {
    kv::exchange_limits limits;
    limits.output = 10'000;
    kv::exchange exchange(limits);
    std::copy(requests.begin(), requests.end(), exchange.in.room().begin());
    exchange.in.commit(requests.size());
    EXPECT_EQ(exchange.in.parse(), kv::request_reader::state::ok);
    exchange.plan(commands, 1);
    exchange.run_in_shard(keys, {0, 1});
    return exchange.out.size();
  };
  const auto get = request({"get", "a"});
  EXPECT_GT(run(get + request({"mget", "a"})), 6'000U);
  EXPECT_THROW(run(request({"mget", "a", "a"})), kv::output_limit_exceeded);
  EXPECT_THROW(run(get + get + get + request({"mget", "a"})), kv::output_limit_exceeded);
}

TEST(Exchange, AnswersAreHandedOverWhenManyWait) {
  kv::exchange exchange{kv::exchange_limits{}};
  const kv::command_table commands{kv::string_commands()};
  kv::store keys;
  keys.insert(kv::hashed("a"), kv::value(std::string(50'000, 'x')));
  std::string requests;
  for (int i = 0; i < 10; ++i) requests += request({"get", "a"});
  std::copy(requests.begin(), requests.end(), exchange.in.room().begin());
  exchange.in.commit(requests.size());
  ASSERT_EQ(exchange.in.parse(), kv::request_reader::state::ok);
  exchange.plan(commands, 1);
  int rounds = 0;
  while (!exchange.done()) {
    exchange.run_in_shard(keys, {0, 1});
    EXPECT_LE(exchange.out.size(), kv::exchange::send_at + 51'000);
    exchange.out.clear();
    ++rounds;
  }
  EXPECT_EQ(rounds, 5);
}

// Others have their turn in between, and a client that has left is noticed.
TEST(Exchange, AScanIsTheLastRequestOfItsTurn) {
  kv::exchange exchange{kv::exchange_limits{}};
  const kv::command_table commands{kv::scan_commands(), kv::string_commands()};
  kv::store keys;
  const auto requests = request({"get", "a"}) + request({"scan", "0"}) + request({"get", "a"}) +
                        request({"scan", "0"});
  std::copy(requests.begin(), requests.end(), exchange.in.room().begin());
  exchange.in.commit(requests.size());
  ASSERT_EQ(exchange.in.parse(), kv::request_reader::state::ok);
  exchange.plan(commands, 1);
  exchange.run_in_shard(keys, {0, 1});
  EXPECT_FALSE(exchange.done());
  exchange.run_in_shard(keys, {0, 1});
  EXPECT_TRUE(exchange.done());
}

}  // namespace

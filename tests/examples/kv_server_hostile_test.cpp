// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <sys/resource.h>

#include <examples/kv_request.hpp>
#include <examples/kv_running_server.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace kv::test;
using namespace std::chrono_literals;

// Whether somebody else is still served as if nothing was.
void expect_served(client& other) {
  static int number = 0;
  const auto text = std::to_string(++number);
  ASSERT_EQ(other.ask({"set", "other", text}), "+OK\r\n");
  ASSERT_EQ(other.ask({"get", "other"}), bulk(text));
}

std::string random_bytes(std::mt19937_64& random) {
  constexpr std::string_view likely = "*$0123456789-\r\n\r\n\r\n '\"\\x";
  const std::vector<std::string> phrases{
      "*3\r\n$3\r\nSET\r\n",  "$1\r\na\r\n",      "get a\r\n",
      "*1\r\n$4\r\nPING\r\n", "mset a 1 b 2\r\n", "*1000000\r\n",
      "$500000000\r\n",       "subscribe a\r\n",  "publish a b\r\n"};
  std::string bytes;
  for (auto left = random() % 400; left != 0; --left) {
    switch (random() % 8) {
      case 0:
        bytes += phrases[random() % phrases.size()];
        break;
      case 1:
        bytes += static_cast<char>(random());
        break;
      default:
        bytes += likely[random() % likely.size()];
        break;
    }
  }
  return bytes;
}

TEST(KvServerHostile, RandomBytesDisturbNobody) {
  running_server server;
  auto other = server.connect();
  std::mt19937_64 random(troupe::test::seed());
  std::vector<client> open;
  for (int round = 0; round < 400; ++round) {
    open.push_back(server.connect());
    auto bytes = random_bytes(random);
    while (!bytes.empty()) {
      const auto piece = 1 + random() % bytes.size();
      if (open.back().send_some(bytes.substr(0, piece)) == 0) break;
      bytes.erase(0, piece);
    }
    if (random() % 2 == 0) open.erase(open.begin() + static_cast<long>(random() % open.size()));
    if (round % 10 == 0) expect_served(other);
  }
  expect_served(other);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerHostile, HalfARequestFollowedBySilenceIsClosed) {
  running_server server({"--request-timeout", "1"});
  auto other = server.connect();
  std::vector<client> silent;
  for (const auto* const bytes : {"*", "*2\r\n$3\r\nget\r\n", "get a", "*1\r\n$100\r\nabc",
                                  "ping\r\n*1\r\n", "subscribe a\r\n*1\r\n$4\r\n"}) {
    silent.push_back(server.connect());
    silent.back().send(bytes);
  }
  auto idle = server.connect();  // this one owes nothing
  for (auto& each : silent) {
    each.read_to_end();
    expect_served(other);
  }
  EXPECT_EQ(idle.ask({"ping"}), "+PONG\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerHostile, AnIdleClientIsClosedWhenThatIsAskedFor) {
  running_server server({"--idle-timeout", "1"});
  auto idle = server.connect();
  auto subscriber = server.connect();  // has every right to be silent
  subscriber.ask({"subscribe", "a"});
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(subscriber.ask({"ping"}), "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerHostile, ClientsThatNeverReadAreDisconnectedAndOthersAreServed) {
  running_server server({"--write-timeout", "1"});
  auto other = server.connect();
  other.ask({"set", "large", std::string(1'000'000, 'x')});
  std::string gets;
  for (int i = 0; i < 1000; ++i) gets += request({"get", "large"});
  std::vector<client> deaf;
  for (int i = 0; i < 10; ++i) {
    deaf.push_back(server.connect());
    deaf.back().receive_buffer(4096);
    deaf.back().send_some(gets);
    expect_served(other);
  }
  while (info_field(other, "clients", "connected_clients") != "1") expect_served(other);
  if (memory_is_measurable()) {
    EXPECT_LT(server.peak_memory(), 300'000'000U);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerHostile, AbsurdLengthsCostNothing) {
  running_server server;
  auto other = server.connect();
  std::vector<client> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(server.connect());
    all.back().send("*1048576\r\n$536870912\r\nabc");
  }
  expect_served(other);
  auto wrong = server.connect();
  wrong.send("*1\r\n$536870913\r\n");
  EXPECT_EQ(wrong.read_to_end(), "-ERR Protocol error: invalid bulk length\r\n");
  auto endless = server.connect();
  while (endless.send_some(std::string(10'000, 'x')) != 0 && !endless.readable(0ms)) {
  }
  EXPECT_EQ(endless.read_to_end(), "-ERR Protocol error: too big inline request\r\n");
  if (memory_is_measurable()) {
    EXPECT_LT(server.peak_memory(), 100'000'000U);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerHostile, LimitsHold) {
  running_server server({"--bulk-limit", "10000", "--query-buffer-limit", "100000",
                         "--output-buffer-limit", "50000"});
  auto other = server.connect();

  auto long_argument = server.connect();
  long_argument.send("*3\r\n$3\r\nset\r\n$1\r\na\r\n$10001\r\n");
  EXPECT_EQ(long_argument.read_to_end(), "-ERR Protocol error: invalid bulk length\r\n");

  auto long_request = server.connect();
  long_request.send("*100\r\n");
  const auto piece = "$9000\r\n" + std::string(9000, 'x') + "\r\n";
  for (int i = 0; i < 99 && long_request.send_some(piece) != 0; ++i) {
  }
  EXPECT_EQ(long_request.read_to_end(), "");

  auto greedy = server.connect();
  EXPECT_EQ(greedy.ask({"set", "a", std::string(9000, 'x')}), "+OK\r\n");
  EXPECT_EQ(greedy.ask({"append", "a", std::string(2000, 'x')}),
            "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
  greedy.send({"mget", "a", "a", "a", "a", "a", "a", "a"});
  EXPECT_EQ(greedy.read_to_end(), "");

  expect_served(other);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

void expect_that_all_others_leave(client& remaining) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (info_field(remaining, "clients", "connected_clients") != "1") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << remaining.ask({"client", "list"});
    std::this_thread::sleep_for(1ms);
  }
}

// Hours of work, if all of it was done.
TEST(KvServerHostile, WhatAVanishedClientHasAskedForIsNotDone) {
  running_server server;
  auto other = server.connect();
  std::string spins;
  for (int i = 0; i < 1000; ++i) spins += request({"spin", "60000"});
  std::vector<client> spinning;
  for (int i = 0; i < 4; ++i) {
    spinning.push_back(server.connect());
    spinning.back().send(request({"ping"}) + spins);
  }
  const auto begun = [&] {
    const auto clients = other.ask({"client", "list"});
    std::size_t count = 0;
    for (auto at = clients.find(" spins="); at != std::string::npos; ++count) {
      at = clients.find(" spins=", at + 1);
    }
    return count;
  };
  while (begun() != spinning.size()) std::this_thread::yield();
  for (auto& each : spinning) each.reset();
  expect_that_all_others_leave(other);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

// That it is gone, and does not just wait for its answers, shows when it is sent the first of them.
TEST(KvServerHostile, WhatAClosedClientHasAskedForIsNotDoneToTheEnd) {
  running_server server;
  auto other = server.connect();
  auto leaving = server.connect();
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += request({"spin", "200"});
  leaving.send(requests);
  leaving.close();
  while (info_field(other, "stats", "total_connections_received") != "2") std::this_thread::yield();
  expect_that_all_others_leave(other);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerHostile, WhoHasSentEverythingStillGetsAllAnswers) {
  running_server server;
  auto half_closed = server.connect();
  std::string requests;
  std::string answers;
  for (int i = 0; i < 20; ++i) {
    requests += request({"ping"}) + request({"spin", "30"}) + request({"strlen", "a"});
    answers += "+PONG\r\n+OK\r\n:0\r\n";
  }
  half_closed.send(requests);
  half_closed.shutdown_send();
  EXPECT_EQ(half_closed.read_to_end(), answers);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerHostile, OneClientTooManyIsTurnedAway) {
  running_server server({"--max-clients", "3"});
  auto one = server.connect();
  auto two = server.connect();
  auto three = server.connect();
  for (auto* const each : {&one, &two, &three}) EXPECT_EQ(each->ask({"ping"}), "+PONG\r\n");
  EXPECT_EQ(server.connect().read_to_end(), "-ERR max number of clients reached\r\n");
  auto eager = server.connect();
  eager.send("*2\r\n$4\r\necho\r\n$30000\r\n");
  EXPECT_TRUE(eager.readable(1min));
  for (int i = 0; i < 10; ++i) eager.send(std::string(3000, 'x'));
  EXPECT_EQ(eager.read_to_end(), "-ERR max number of clients reached\r\n");
  two.close();
  std::string answer;
  while (answer != "+PONG\r\n") {
    auto next = server.connect();
    next.send_some("ping\r\n");
    next.shutdown_send();
    answer = next.read_to_end();
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

void limit_descriptors(pid_t process, rlim_t most) {
  rlimit limit{};
  ASSERT_EQ(::prlimit(process, RLIMIT_NOFILE, nullptr, &limit), 0);
  limit.rlim_cur = most;
  ASSERT_EQ(::prlimit(process, RLIMIT_NOFILE, &limit, nullptr), 0);
}

TEST(KvServerHostile, WithoutDescriptorsNewcomersWaitAndTheServerDoesNotSpin) {
  running_server server;
  auto other = server.connect();
  expect_served(other);
  limit_descriptors(server.id(), 4);
  std::vector<client> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(server.connect());
    waiting.back().send("ping\r\n");
  }
  const auto before = server.processor_time();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(waiting[0].readable(600ms));
  const auto elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_LT(server.processor_time() - before, elapsed / 4);
  expect_served(other);
  limit_descriptors(server.id(), 1000);
  for (auto& each : waiting) EXPECT_EQ(each.read_reply(), "+PONG\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace

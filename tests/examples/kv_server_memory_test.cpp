// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// What all clients' buffers take together.
#include <examples/kv_request.hpp>
#include <examples/kv_running_server.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstddef>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace kv::test;

// The beginning of a request that takes so many bytes, and never ends.
std::string half_of_a_request(std::size_t bytes) {
  return "*2\r\n$3\r\nget\r\n$100000000\r\n" + std::string(bytes, 'x');
}

std::size_t number_of(client& from, const std::string& section, const std::string& field) {
  return std::stoull(info_field(from, section, field));
}

// Until what is held is between the two: while a buffer grows, the old one is held beside the new.
void await_held(client& from, std::size_t least, std::size_t most) {
  for (;;) {
    const auto held = number_of(from, "memory", "mem_clients_normal");
    if (held >= least && held <= most) return;
    std::this_thread::yield();
  }
}

TEST(KvServerMemory, TheLargestClientIsDisconnectedAndTheOthersAreNot) {
  running_server server({"--maxmemory-clients", "8mb"});
  auto watching = server.connect();
  EXPECT_EQ(watching.ask({"config", "get", "maxmemory-clients"}),
            "*2\r\n$17\r\nmaxmemory-clients\r\n$7\r\n8388608\r\n");
  auto large = server.connect();
  auto small = server.connect();
  large.send(half_of_a_request(3'000'000));  // 4 MiB, once its buffer has doubled often enough
  await_held(watching, 4'190'000, 4'400'000);
  small.send(half_of_a_request(1'500'000));
  await_held(watching, 6'280'000, 6'500'000);
  EXPECT_EQ(number_of(watching, "stats", "evicted_clients"), 0U);
  const auto clients = watching.ask({"client", "list"});
  EXPECT_NE(clients.find(" tot-mem=4"), std::string::npos) << clients;

  auto third = server.connect();
  third.send(half_of_a_request(1'500'000));
  EXPECT_EQ(large.read_to_end(), "");
  while (number_of(watching, "clients", "connected_clients") != 3) std::this_thread::yield();
  EXPECT_EQ(number_of(watching, "stats", "evicted_clients"), 1U);
  EXPECT_FALSE(small.readable(std::chrono::milliseconds(0)));
  EXPECT_FALSE(third.readable(std::chrono::milliseconds(0)));
  EXPECT_LE(number_of(watching, "memory", "mem_clients_normal"), 8'388'608U);
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "kv_server: stopped\n");
}

// The request is with a shard still, and its memory held, when its client is gone.
TEST(KvServerMemory, WhatADisconnectedClientStillHoldsIsNobodyElsesFault) {
  running_server server({"--maxmemory-clients", "32mb"});
  auto watching = server.connect();
  std::vector<client> idle;
  for (int i = 0; i < 50; ++i) {
    idle.push_back(server.connect());
    ASSERT_EQ(idle.back().ask({"ping"}), "+PONG\r\n");
  }
  ASSERT_EQ(watching.ask({"set", "large", std::string(940'000, 'x')}), "+OK\r\n");
  std::vector<std::string> tenfold(11, "large");  // does not fit while its buffer grows
  tenfold[0] = "mget";
  std::size_t disconnected = 0;
  for (int round = 0; round < 10; ++round) {
    auto greedy = server.connect();
    greedy.send(request({tenfold.begin(), tenfold.end()}));
    try {
      greedy.read_reply();  // it was quicker
    } catch (const std::runtime_error&) {
      ++disconnected;
    }
    auto newcomer = server.connect();
    EXPECT_EQ(newcomer.ask({"ping"}), "+PONG\r\n");
    EXPECT_EQ(number_of(watching, "stats", "evicted_clients"), disconnected);
    await_held(watching, 0, 5'000'000);
  }
  for (auto& each : idle) EXPECT_EQ(each.ask({"ping"}), "+PONG\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

// Answers, and published messages that nobody reads, count as well.
TEST(KvServerMemory, DeafClientsAreDisconnectedWhenTheyHoldMost) {
  running_server server({"--maxmemory-clients", "32mb"});
  auto other = server.connect();
  other.ask({"set", "large", std::string(8'000'000, 'x')});  // more than the kernel's buffers take
  auto subscriber = server.connect();
  subscriber.receive_buffer(4096);
  subscriber.ask({"subscribe", "news"});
  const std::string news(100'000, 'n');
  while (number_of(other, "memory", "mem_clients_normal") < 18'000'000) {
    ASSERT_EQ(other.ask({"publish", "news", news}), ":1\r\n");
  }
  std::vector<client> deaf;
  for (int i = 0; i < 3; ++i) {
    deaf.push_back(server.connect());
    deaf.back().receive_buffer(4096);
    deaf.back().send({"get", "large"});
  }
  while (number_of(other, "stats", "evicted_clients") == 0) std::this_thread::yield();
  while (other.ask({"publish", "news", "x"}) != ":0\r\n") std::this_thread::yield();
  EXPECT_EQ(other.ask({"ping"}), "+PONG\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

// Next to nothing is in them, but each takes an envelope.
TEST(KvServerMemory, EmptyMessagesCountAsWhatTheyTake) {
  constexpr int count = 60;
  running_server server({"--maxmemory-clients", "64mb"});
  auto publisher = server.connect();
  const auto before = server.peak_memory();
  std::vector<client> deaf;
  for (int i = 0; i < count; ++i) {
    deaf.push_back(server.connect());
    deaf.back().receive_buffer(4096);
    deaf.back().ask({"subscribe", "c"});
  }
  std::string batch;
  for (int i = 0; i < 200; ++i) batch += request({"publish", "c", ""});
  for (std::string last; last != integer(0);) {
    publisher.send(batch);
    for (int i = 0; i < 200; ++i) last = publisher.read_reply();
    if (number_of(publisher, "stats", "evicted_clients") != 0) break;
  }
  EXPECT_GT(number_of(publisher, "stats", "evicted_clients"), 0U);
  if (memory_is_measurable()) {
    EXPECT_LT(server.peak_memory(), before + 100 * 1024 * 1024);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

// Clients at random sizes, far more than fit together.
TEST(KvServerMemory, ManyClientsTakeNoMoreThanTheyMayTogether) {
  constexpr std::size_t limit = 16 * 1024 * 1024;
  running_server server({"--maxmemory-clients", "16mb"});
  auto watching = server.connect();
  const auto before = server.peak_memory();
  std::mt19937_64 random(troupe::test::seed());
  std::vector<client> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(server.connect());
    clients.back().send_some(half_of_a_request(random() % 2'000'000));
    ASSERT_LE(number_of(watching, "memory", "mem_clients_normal"), limit + limit / 4);
  }
  EXPECT_GT(number_of(watching, "stats", "evicted_clients"), 10U);
  EXPECT_EQ(watching.ask({"set", "a", "b"}), "+OK\r\n");
  if (memory_is_measurable()) {
    EXPECT_LT(server.peak_memory(), before + 4 * limit);
  }
  clients.clear();
  while (number_of(watching, "clients", "connected_clients") != 1) std::this_thread::yield();
  EXPECT_LT(number_of(watching, "memory", "mem_clients_normal"), 100'000U);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_request.hpp>
#include <examples/kv_server/commands/exchange.hpp>
#include <examples/kv_server/protocol/client_memory.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace kv;
using kv::test::request;

TEST(ClientMemory, IsTheSumOfWhatItsBuffersTake) {
  all_clients_memory all(0, [] {});
  {
    client_memory client(all);
    {
      counted_bytes a(&client);
      counted_bytes b(&client);
      a.set(100);
      b.set(50);
      a.set(70);
      EXPECT_EQ(client.held(), 120U);
      EXPECT_EQ(all.held(), 120U);
    }
    EXPECT_EQ(client.held(), 0U);
    client.add(30);
  }
  EXPECT_EQ(all.held(), 0U);
  counted_bytes nobodys(nullptr);
  nobodys.set(1000);
}

TEST(ClientMemory, BeyondTheLimitSomebodyIsAskedOnceAndFarBeyondItAllAreRefused) {
  int asked = 0;
  all_clients_memory all(1000, [&] { ++asked; });
  client_memory client(all);
  client.add(1000);
  EXPECT_EQ(asked, 0);
  client.add(100);
  client.add(100);
  EXPECT_EQ(asked, 1);
  all.relieving();
  client.add(50);
  EXPECT_EQ(asked, 2);
  EXPECT_THROW(client.add(1), client_memory_exceeded);
  EXPECT_EQ(client.held(), 1250U);
  EXPECT_EQ(all.held(), 1250U);
  client.remove(300);
  client.add(300);
  EXPECT_THROW(client.add(1001), client_memory_exceeded);  // more than all may
  EXPECT_EQ(asked, 2);
}

TEST(ClientMemory, AClientThatIsToGoHoldsLessAndLessAndNeverMore) {
  all_clients_memory all(1000, [] {});
  client_memory client(all);
  EXPECT_TRUE(client.add_unless_closed(100));
  EXPECT_EQ(client.close(), 100U);
  EXPECT_FALSE(client.add_unless_closed(10));
  EXPECT_THROW(client.add(10), client_memory_exceeded);
  EXPECT_EQ(client.held(), 100U);
  EXPECT_EQ(all.held(), 100U);
  client.remove(40);
  EXPECT_EQ(client.held(), 60U);
  EXPECT_EQ(all.held(), 60U);
}

// So that nobody else is disconnected for it.
TEST(ClientMemory, WhatOneThatIsToGoHoldsIsNeverLessThanItsPartOfTheSum) {
  all_clients_memory all(0, [] {});
  client_memory client(all);
  std::atomic<bool> ends = false;
  std::jthread worker([&] {
    std::mt19937_64 random(troupe::test::seed());
    std::size_t held = 0;
    while (!ends.load(std::memory_order_relaxed) || held != 0) {
      const std::size_t bytes = 1 + random() % 1000;
      if (held < 1'000'000 && client.add_unless_closed(bytes)) {
        held += bytes;
      } else if (held != 0) {
        client.remove(std::min(held, bytes));
        held -= std::min(held, bytes);
      }
    }
  });
  while (client.held() < 500'000) std::this_thread::yield();
  for (auto leaving = client.close(); leaving != 0; leaving = client.held()) {
    EXPECT_GE(leaving, all.held());
    ends.store(true, std::memory_order_relaxed);
  }
}

TEST(ClientMemory, WhatDoesNotFitIsNotAllocated) {
  all_clients_memory all(10'000, [] {});
  client_memory client(all);
  reply_buffer out(1'000'000, &client);
  out.raw(std::string(1000, 'x'));
  EXPECT_GE(client.held(), 1000U);
  EXPECT_THROW(out.raw(std::string(20'000, 'x')), client_memory_exceeded);
  EXPECT_EQ(out.size(), 1000U);
  EXPECT_LE(all.held(), 12'500U);
}

TEST(ClientMemory, CountsAnExchangeFromItsFirstByteToItsEnd) {
  all_clients_memory all(0, [] {});
  auto client = std::make_shared<client_memory>(all);
  const command_table commands{string_commands()};
  store keys;
  keys.insert(hashed("a"), value(std::string(200'000, 'x')));
  {
    exchange work(exchange_limits{}, client);
    EXPECT_EQ(all.held(), 0U);
    std::string pipeline;
    for (int i = 0; i < 5000; ++i) pipeline += request({"get", "-"});
    pipeline += request({"mget", "a", "a"});
    for (std::size_t done = 0; done < pipeline.size();) {
      const auto room = work.in.room();
      const auto count = std::min(room.size(), pipeline.size() - done);
      std::copy_n(pipeline.begin() + static_cast<std::ptrdiff_t>(done), count, room.begin());
      work.in.commit(count);
      done += count;
    }
    EXPECT_GE(all.held(), pipeline.size());
    const auto received = all.held();
    ASSERT_EQ(work.in.parse(), request_reader::state::ok);
    work.plan(commands, 1);
    EXPECT_GE(all.held(), received + 5001 * (sizeof(argument) + sizeof(exchange::step)));
    const auto planned = all.held();
    while (!work.done()) work.run_in_shard(keys, {0, 1});
    EXPECT_GE(all.held(), planned + 400'000);
    work.out.clear();
    work.clear();
    EXPECT_LE(all.held(), 1'000'000U);
    EXPECT_EQ(client->held(), all.held());
  }
  EXPECT_EQ(all.held(), 0U);
}

TEST(ClientMemory, NobodyWhoExceedsTheLimitGoesUnnoticed) {
  constexpr std::size_t limit = 100'000;
  constexpr int threads = 3;
  std::atomic<int> asked = 0;
  all_clients_memory all(limit, [&] { asked.fetch_add(1, std::memory_order_relaxed); });
  std::atomic<int> working = threads;
  std::vector<std::jthread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, seed = troupe::test::seed() + static_cast<std::uint64_t>(t)] {
      std::mt19937_64 random(seed);
      client_memory client(all);
      for (int i = 0; i < 100'000; ++i) {
        const std::size_t bytes = 1 + random() % 60'000;
        try {
          client.add(bytes);
          client.remove(bytes);
        } catch (const client_memory_exceeded&) {
        }
      }
      working.fetch_sub(1, std::memory_order_relaxed);
    });
  }
  int answered = 0;
  while (working.load(std::memory_order_relaxed) != 0) {
    if (asked.load(std::memory_order_relaxed) == answered) continue;
    ++answered;  // one call waits for us at most
    all.relieving();
    EXPECT_LE(all.held(), limit + limit / 4 + threads * 60'000);
  }
  workers.clear();
  EXPECT_GE(asked, answered);
  EXPECT_LE(asked, answered + 1);
  EXPECT_EQ(all.held(), 0U);
}

}  // namespace

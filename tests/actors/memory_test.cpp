// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What actors and messages cost in memory, as the kernel sees it.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::scaled;

struct ball {};
struct get {};

/// Bytes of the process that are in memory.
std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t in_memory = 0;
  statm >> pages >> in_memory;
  return in_memory * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Shadow memory counts too under a sanitizer: the bounds are for plain builds.
constexpr bool measures = !TROUPE_ASAN && !TROUPE_TSAN;

struct small : actor<void(ball), int(get)> {
  void on(ball) { ++n; }
  int on(get) const { return n; }
  int n = 0;
};

TEST(Memory, OfAnIdleHandlerActorIsAFewCacheLines) {
  system sys({.workers = 2});
  std::vector<ref_of<small>> all;
  const std::size_t n = scaled(200'000);
  all.reserve(n);
  for (std::size_t i = 0; i < n / 20; ++i) all.push_back(sys.spawn<small>());
  const std::size_t before = resident();
  const std::size_t counted = n - all.size();
  for (std::size_t i = 0; i < counted; ++i) all.push_back(sys.spawn<small>());
  const std::size_t each = (resident() - before) / counted;
  if (measures) {
    EXPECT_LE(each, 256U + sizeof(ref_of<small>));
    EXPECT_GE(each, 64U) << "the measurement is off";
  }
  EXPECT_EQ(sys.actor_count(), n);
  // And each of them works.
  for (std::size_t i = 0; i < n; i += 997) EXPECT_EQ(sys.ask(all[i], get{}), 0);
}

TEST(Memory, AHundredThousandDirectActorsWaitAndAllAnswer) {
  system sys({.workers = 2});
  // ThreadSanitizer has room for 8128 threads and stacks in all.
  const std::size_t n = TROUPE_TSAN ? 4000 : scaled(100'000);
  std::atomic<std::size_t> waiting{0};
  std::atomic<std::size_t> answered{0};
  std::vector<any_ref> all;
  all.reserve(n);
  const std::size_t before = resident();
  for (std::size_t i = 0; i < n; ++i) {
    all.push_back(sys.spawn([&](context& self) {
      ++waiting;
      self.receive([&](ball) { ++answered; });
    }));
  }
  EXPECT_TRUE(eventually([&] { return waiting == n; }));
  EXPECT_EQ(sys.actor_count(), n);
  if (measures) {
    EXPECT_LE((resident() - before) / n, 6000U);
  }
  for (const any_ref& a : all) a.send(ball{});
  sys.await_actors();
  EXPECT_EQ(answered, n);
}

TEST(Memory, OfAFloodThatIsKeptUpWithDoesNotGrow) {
  std::atomic<std::uint64_t> seen{0};
  std::atomic<std::uint64_t> sent{0};
  system sys({.workers = 2});
  struct sink : actor<void(std::uint64_t)> {
    explicit sink(std::atomic<std::uint64_t>& n) : seen(&n) {}
    void on(std::uint64_t) {
      seen->store(seen->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    std::atomic<std::uint64_t>* seen;
  };
  const auto s = sys.spawn<sink>(seen);
  const std::uint64_t total = scaled(4'000'000);
  constexpr std::uint64_t most_under_way = 20'000;
  std::size_t after_warm_up = 0;
  {
    std::vector<std::jthread> producers;
    for (int t = 0; t < 8; ++t) {
      producers.emplace_back([&] {
        for (;;) {
          const std::uint64_t number = sent.fetch_add(1);
          if (number >= total) return;
          s.send(number);
          while (number > seen.load(std::memory_order_relaxed) + most_under_way) {
            std::this_thread::yield();
          }
        }
      });
    }
    EXPECT_TRUE(eventually([&] { return seen > total / 4; }));
    after_warm_up = resident();
  }
  EXPECT_TRUE(eventually([&] { return seen == total; }));
  const std::size_t after = resident();
  // Three million messages of 64 bytes, each leaked, would be 192 MB.
  if (measures) {
    EXPECT_LT(after, after_warm_up + (std::size_t{16} << 20));
  }
}

TEST(Memory, OfActorsThatComeAndGoIsUsedAgain) {
  system sys({.workers = 2});
  std::size_t after_warm_up = 0;
  const std::size_t rounds = scaled(60);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const any_ref a =
          sys.spawn(spawn_options{.name = "a name that does not fit into a string object"},
                    [](context& self) { self.receive([](ball) {}); });
      a.send(ball{});
    }
    sys.await_actors();
    if (round == rounds / 3) after_warm_up = resident();
  }
  if (measures) {
    EXPECT_LT(resident(), after_warm_up + (std::size_t{16} << 20));
  }
}

TEST(Memory, OfTimersAndAsksIsUsedAgain) {
  system sys({.workers = 2});
  const auto a = sys.spawn<small>();
  std::size_t growth = 0;
  sys.spawn([&](context& self) {
    std::size_t after_warm_up = 0;
    const std::size_t rounds = scaled(60'000);
    for (std::size_t i = 0; i < rounds; ++i) {
      timer t = self.send_after(1h, a, ball{});
      self.ask(a, get{}, 1h);
      EXPECT_TRUE(t.cancel());
      if (i == rounds / 3) after_warm_up = resident();
    }
    const std::size_t now = resident();
    growth = now > after_warm_up ? now - after_warm_up : 0;
  });
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
  if (measures) {
    EXPECT_LT(growth, std::size_t{8} << 20);
  }
}

}  // namespace
}  // namespace troupe

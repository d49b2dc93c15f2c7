// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/base/section.hpp>
#include <troupe/scheduler/internal/injector.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

struct element {
  element* run_link = nullptr;
  std::size_t producer = 0;  // plain: what is read after a pop must have been published
  std::uint64_t number = 0;
};

TEST(Injector, GivesElementsBackInOrder) {
  injector<element> queue;
  std::array<element, 6> elements;
  std::array<element*, 6> out{};
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.pop(out.data(), out.size()), 0U);
  for (element& each : elements) queue.push(&each);
  EXPECT_EQ(queue.size(), 6U);
  EXPECT_EQ(queue.pop(out.data(), 0), 0U);
  ASSERT_EQ(queue.pop(out.data(), 4), 4U);
  EXPECT_EQ(out[0], &elements[0]);
  EXPECT_EQ(out[3], &elements[3]);
  queue.push(&elements[0]);
  ASSERT_EQ(queue.pop(out.data(), 6), 3U);
  EXPECT_EQ(out[0], &elements[4]);
  EXPECT_EQ(out[1], &elements[5]);
  EXPECT_EQ(out[2], &elements[0]);
  EXPECT_TRUE(queue.empty());
}

TEST(Injector, LeavesNoSectionOpen) {
  injector<element> queue;
  element only;
  element* out = nullptr;
  EXPECT_FALSE(in_section());
  queue.push(&only);
  EXPECT_FALSE(in_section());
  EXPECT_EQ(queue.pop(&out, 1), 1U);
  EXPECT_FALSE(in_section());
}

TEST(Injector, DoesWhatANaiveQueueDoes) {
  std::mt19937_64 random(test::seed());
  injector<element> queue;
  std::deque<element*> model;
  std::vector<element> elements(500);
  std::vector<element*> idle;
  for (element& each : elements) idle.push_back(&each);
  for (int i = 0; i < 50'000; ++i) {
    std::array<element*, 20> batch{};
    std::size_t count = random() % batch.size();
    const auto what = random() % 8;
    if (what < 4) {
      count = std::min(count, idle.size());
      for (std::size_t n = 0; n < count; ++n) {
        batch[n] = idle.back();
        batch[n]->number = random();
        idle.pop_back();
        model.push_back(batch[n]);
      }
      queue.push_all(batch.data(), count);
    } else if (what == 4) {
      const auto wanted = [](const element& e) { return e.number % 5 == 0; };
      element* found = queue.try_take_all(wanted);
      for (auto at = model.begin(); at != model.end();) {
        if (wanted(**at)) {
          ASSERT_EQ(found, *at);
          found = found->run_link;
          idle.push_back(*at);
          at = model.erase(at);
        } else {
          ++at;
        }
      }
      ASSERT_EQ(found, nullptr);
    } else if (what == 5) {
      element* const newest = queue.pop_newest();
      ASSERT_EQ(newest, model.empty() ? nullptr : model.back());
      if (newest != nullptr) {
        model.pop_back();
        idle.push_back(newest);
      }
    } else {
      count = queue.pop(batch.data(), count);
      for (std::size_t n = 0; n < count; ++n) {
        ASSERT_FALSE(model.empty());
        ASSERT_EQ(batch[n], model.front());
        model.pop_front();
        idle.push_back(batch[n]);
      }
    }
    ASSERT_EQ(queue.size(), model.size());
  }
}

// Producers push ascending numbers, alone and in batches. Every element arrives once, and no
// consumer sees the elements of one producer out of order.
TEST(Injector, HandsEveryElementToExactlyOneOfManyConsumersInOrder) {
  constexpr std::size_t producers = 3;
  constexpr std::size_t consumers = 3;
  constexpr std::uint64_t share = 20'000;
  std::mt19937_64 seeds(test::seed());
  injector<element> queue;
  std::vector<element> elements(producers * share);
  atomic<std::uint64_t> taken{0};
  atomic<int> disorder{0};
  std::array<atomic<std::uint64_t>, producers> sums{};
  std::vector<std::thread> threads;
  for (std::size_t me = 0; me < producers; ++me) {
    threads.emplace_back([&, me, seed = seeds()] {
      std::minstd_rand random(static_cast<std::uint32_t>(seed));
      std::array<element*, 30> batch{};
      for (std::uint64_t next = 0; next < share;) {
        const auto count = std::min<std::uint64_t>(1 + random() % batch.size(), share - next);
        for (std::size_t i = 0; i < count; ++i) {
          batch[i] = &elements[me * share + next];
          batch[i]->producer = me;
          batch[i]->number = ++next;
        }
        queue.push_all(batch.data(), count);
      }
    });
  }
  for (std::size_t me = 0; me < consumers; ++me) {
    threads.emplace_back([&, seed = seeds()] {
      std::minstd_rand random(static_cast<std::uint32_t>(seed));
      std::array<element*, 30> batch{};
      std::array<std::uint64_t, producers> last{};
      while (taken.load_relaxed() < elements.size()) {
        if (queue.empty()) std::this_thread::yield();
        const std::size_t count = queue.pop(batch.data(), 1 + random() % batch.size());
        for (std::size_t i = 0; i < count; ++i) {
          const element& each = *batch[i];
          if (each.number <= last[each.producer]) disorder.fetch_add_relaxed(1);
          last[each.producer] = each.number;
          sums[each.producer].fetch_add_relaxed(each.number);
        }
        taken.fetch_add_relaxed(count);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(taken.load_relaxed(), elements.size());
  EXPECT_EQ(disorder.load_relaxed(), 0);
  for (const auto& sum : sums) EXPECT_EQ(sum.load_relaxed(), share * (share + 1) / 2);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace troupe::detail

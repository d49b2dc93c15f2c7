// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/scheduler/internal/run_ring.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

struct element {
  std::uint64_t number = 0;  // plain: what is read after a take must have been published
  atomic<int> taken{0};
};

using small_ring = run_ring<element, 4>;
constexpr std::uint32_t before_wrap = 0xffff'fffd;

TEST(RunRing, GivesElementsBackInOrderAndRefusesWhenFull) {
  for (const std::uint32_t first : {0U, before_wrap}) {
    small_ring ring(first);
    std::array<element, 5> elements;
    EXPECT_EQ(ring.pop(), nullptr);
    for (int lap = 0; lap < 3; ++lap) {
      for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(ring.try_push(&elements[i]));
      EXPECT_FALSE(ring.try_push(&elements[4]));
      EXPECT_EQ(ring.size(), 4U);
      EXPECT_EQ(ring.pop(), &elements[0]);
      EXPECT_TRUE(ring.try_push(&elements[4]));
      for (std::size_t i = 1; i < 5; ++i) EXPECT_EQ(ring.pop(), &elements[i]);
      EXPECT_EQ(ring.pop(), nullptr);
      EXPECT_TRUE(ring.empty());
    }
  }
}

TEST(RunRing, TellsWhatComesNext) {
  small_ring ring(before_wrap);
  std::array<element, 3> elements;
  EXPECT_EQ(ring.guess_next(0), nullptr);
  for (element& e : elements) EXPECT_TRUE(ring.try_push(&e));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(ring.guess_next(i), &elements[i]);
  EXPECT_EQ(ring.guess_next(3), nullptr);
  EXPECT_EQ(ring.pop(), &elements[0]);
  EXPECT_EQ(ring.guess_next(1), &elements[2]);
  EXPECT_EQ(ring.guess_next(2), nullptr);
}

TEST(RunRing, LetsTheOwnerTakeTheOlderHalf) {
  small_ring ring(before_wrap);
  std::array<element, 4> elements;
  std::array<element*, small_ring::capacity / 2> out{};
  EXPECT_EQ(ring.take_half(out.data()), 0U);
  for (element& each : elements) ASSERT_TRUE(ring.try_push(&each));
  ASSERT_EQ(ring.take_half(out.data()), 2U);
  EXPECT_EQ(out[0], &elements[0]);
  EXPECT_EQ(out[1], &elements[1]);
  EXPECT_EQ(ring.pop(), &elements[2]);
  EXPECT_EQ(ring.take_half(out.data()), 0U);
  EXPECT_EQ(ring.pop(), &elements[3]);
}

TEST(RunRing, LetsAThiefTakeTheOlderHalfRoundedUp) {
  for (std::size_t count = 0; count <= 8; ++count) {
    run_ring<element, 8> victim(before_wrap);
    run_ring<element, 8> thief(7);
    std::array<element, 8> elements;
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(victim.try_push(&elements[i]));
    const std::size_t taken = count - count / 2;
    element* const first = victim.steal(thief);
    ASSERT_EQ(first, count == 0 ? nullptr : &elements[0]);
    EXPECT_EQ(thief.size(), taken == 0 ? 0 : taken - 1);
    EXPECT_EQ(victim.size(), count / 2);
    for (std::size_t i = 1; i < taken; ++i) EXPECT_EQ(thief.pop(), &elements[i]);
    for (std::size_t i = taken; i < count; ++i) EXPECT_EQ(victim.pop(), &elements[i]);
  }
}

TEST(RunRing, StealsNoMoreThanTheThiefHasRoomFor) {
  for (std::size_t room = 0; room <= 4; ++room) {
    small_ring victim;
    small_ring thief;
    std::array<element, 8> elements;
    for (std::size_t i = 0; i < 4; ++i) ASSERT_TRUE(victim.try_push(&elements[i]));
    for (std::size_t i = room; i < 4; ++i) ASSERT_TRUE(thief.try_push(&elements[4 + i]));
    EXPECT_EQ(victim.steal(thief), &elements[0]);
    EXPECT_EQ(victim.size(), room == 0 ? 3U : 2U);
    EXPECT_EQ(thief.size(), room == 0 ? 4U : 5U - room);
  }
}

TEST(RunRing, DoesWhatTwoNaiveQueuesDo) {
  std::mt19937_64 random(test::seed());
  using ring = run_ring<element, 16>;
  std::array<ring, 2> rings{ring(static_cast<std::uint32_t>(random())), ring(before_wrap)};
  std::array<std::deque<element*>, 2> model;
  std::vector<element> elements(1000);
  for (int i = 0; i < 200'000; ++i) {
    const std::size_t at = random() % 2;
    ring& mine = rings[at];
    std::deque<element*>& queue = model[at];
    switch (random() % 8) {
      case 0: {
        std::array<element*, ring::capacity / 2> out{};
        const std::size_t count = mine.take_half(out.data());
        ASSERT_EQ(count, queue.size() / 2);
        ASSERT_TRUE(std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count),
                               queue.begin()));
        queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
        break;
      }
      case 1: {
        std::deque<element*>& from = model[1 - at];
        const std::size_t half =
            std::min(from.size() - from.size() / 2, ring::capacity - queue.size() + 1);
        element* const first = rings[1 - at].steal(mine);
        ASSERT_EQ(first, from.empty() ? nullptr : from.front());
        for (std::size_t n = 0; n < half; ++n) {
          if (n > 0) queue.push_back(from.front());
          from.pop_front();
        }
        break;
      }
      case 2:
      case 3:
      case 4: {
        element* const popped = mine.pop();
        ASSERT_EQ(popped, queue.empty() ? nullptr : queue.front());
        if (popped != nullptr) queue.pop_front();
        break;
      }
      default: {
        element* const pushed = &elements[random() % elements.size()];
        ASSERT_EQ(mine.try_push(pushed), queue.size() < ring::capacity);
        if (queue.size() < ring::capacity) queue.push_back(pushed);
      }
    }
    ASSERT_EQ(mine.size(), queue.size());
  }
}

// ---- several threads ----

// Every worker owns a ring, fills it with its share of the elements, and takes from its own and
// from the others' rings until all have been taken: each of them exactly once.
template <std::uint32_t Capacity>
class crowd {
 public:
  crowd(std::uint64_t seed, std::size_t workers, std::size_t share)
      : share_(share), elements_(workers * share) {
    std::mt19937_64 random(seed);
    for (auto& each : elements_) each.number = ~std::uint64_t{0};
    for (std::size_t i = 0; i < workers; ++i) {
      // Half of the rings cross the wrap of the indices on their way.
      const auto first = static_cast<std::uint32_t>(i % 2 == 0 ? random() : 0U - share / 2);
      rings_.push_back(std::make_unique<run_ring<element, Capacity>>(first));
      seeds_.push_back(random());
    }
  }

  void run() {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < rings_.size(); ++i) threads.emplace_back([this, i] { work(i); });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(bad_.load_relaxed(), 0U);
    for (const element& each : elements_) ASSERT_EQ(each.taken.load_relaxed(), 1);
    for (const auto& ring : rings_) EXPECT_EQ(ring->size(), 0U);
  }

 private:
  void work(std::size_t me) {
    std::minstd_rand random(static_cast<std::uint32_t>(seeds_[me]));
    run_ring<element, Capacity>& mine = *rings_[me];
    std::size_t next = me * share_;
    const std::size_t end = next + share_;
    std::array<element*, Capacity / 2> half{};
    while (taken_.load_relaxed() < elements_.size()) {
      for (auto burst = random() % (2 * Capacity); next < end && burst > 0; --burst) {
        elements_[next].number = next;
        if (mine.try_push(&elements_[next])) {
          ++next;
          continue;
        }
        if (random() % 4 != 0) break;
        const std::size_t count = mine.take_half(half.data());
        for (std::size_t i = 0; i < count; ++i) take(half[i]);
      }
      for (auto burst = random() % Capacity; burst > 0; --burst) take(mine.pop());
      const std::size_t victim = random() % rings_.size();
      if (victim != me) take(rings_[victim]->steal(mine));
      if (next == end && mine.empty()) std::this_thread::yield();
    }
  }

  void take(element* taken) {
    if (taken == nullptr) return;
    const auto index = static_cast<std::size_t>(taken - elements_.data());
    if (taken->number != index || taken->taken.fetch_add_relaxed(1) != 0) bad_.fetch_add_relaxed(1);
    taken_.fetch_add_relaxed(1);
  }

  std::size_t share_;
  std::vector<element> elements_;
  std::vector<std::unique_ptr<run_ring<element, Capacity>>> rings_;
  std::vector<std::uint64_t> seeds_;
  atomic<std::size_t> taken_{0};
  atomic<std::size_t> bad_{0};
};

TEST(RunRing, HandsEveryElementToExactlyOneOfManyTakers) {
  std::mt19937_64 seeds(test::seed());
  for (int round = 0; round < 8; ++round) {
    for (const std::size_t workers : {2U, 3U, 6U}) {
      crowd<2>(seeds(), workers, 2000).run();
      crowd<4>(seeds(), workers, 4000).run();
      crowd<256>(seeds(), workers, 8000).run();
      if (HasFailure()) return;
    }
  }
}

// One owner pushes ascending numbers; every thief, who finishes a batch before it steals again,
// sees them ascend, and so does the owner.
TEST(RunRing, KeepsTheOrderForEveryTaker) {
  constexpr std::uint64_t count = 100'000;
  constexpr int thieves = 3;
  std::vector<element> elements(count);
  run_ring<element, 16> source(0U - std::uint32_t{count} / 2);
  atomic<std::uint64_t> taken{0};
  atomic<int> disorder{0};
  const auto check = [&](const element& each, std::uint64_t& last) {
    if (each.number <= last) disorder.fetch_add_relaxed(1);
    last = each.number;
    taken.fetch_add_relaxed(1);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < thieves; ++i) {
    threads.emplace_back([&] {
      run_ring<element, 16> mine;
      std::uint64_t last = 0;
      while (taken.load_relaxed() < count) {
        const element* next = source.steal(mine);
        if (next == nullptr) std::this_thread::yield();
        for (; next != nullptr; next = mine.pop()) check(*next, last);
      }
    });
  }
  std::uint64_t last = 0;
  std::minstd_rand random(static_cast<std::uint32_t>(test::seed()));
  for (std::uint64_t i = 0; i < count;) {
    elements[i].number = i + 1;
    if (source.try_push(&elements[i])) ++i;
    if (random() % 4 != 0) continue;
    if (const element* const next = source.pop()) check(*next, last);
  }
  while (const element* const next = source.pop()) check(*next, last);
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(taken.load_relaxed(), count);
  EXPECT_EQ(disorder.load_relaxed(), 0);
}

// For ThreadSanitizer: size() clamps what it reads, so any answer is plausible.
TEST(RunRing, LetsAnyThreadAskForTheSize) {
  run_ring<element, 8> ring(before_wrap);
  element only;
  atomic<bool> done{false};
  atomic<std::uint32_t> answers{0};
  std::thread observer([&] {
    do {
      EXPECT_LE(ring.size(), 8U);
      answers.fetch_add_relaxed(1);
    } while (!done.load_acquire());
  });
  while (answers.load_relaxed() == 0) std::this_thread::yield();
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(ring.try_push(&only));
    EXPECT_EQ(ring.pop(), &only);
  }
  done.store_release(true);
  observer.join();
}

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/mailbox/detail/mpsc_queue.hpp>
#include <troupe/mailbox/internal/depot.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#if TROUPE_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace troupe::detail {
namespace {

/// Every slot that was ever carved.
std::size_t slots_of(depot& d) {
  std::size_t count = 0;
  d.for_each_slot([&count](void*) { ++count; });
  return count;
}

TEST(Depot, GivesOutDifferentSlotsAndTheSameOnesAgain) {
  static constinit depot d(64, nullptr, true);
  std::set<void*> first;
  magazine_cache cache(d);
  for (int i = 0; i < 1000; ++i) first.insert(cache.take());
  EXPECT_EQ(first.size(), 1000U);
  for (void* const slot : first) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slot) % 64, 0U);
    cache.give(slot);
  }
  const std::size_t carved = slots_of(d);
  std::vector<void*> again;
  for (int i = 0; i < 1000; ++i) again.push_back(cache.take());
  EXPECT_EQ(std::set<void*>(again.begin(), again.end()), first);
  EXPECT_EQ(slots_of(d), carved);
  for (void* const slot : again) cache.give(slot);
}

TEST(Depot, ConstructsEverySlotOnceAndNumbersThem) {
  struct object {
    std::uint32_t number;
    std::uint32_t taken = 0;
  };
  static constinit depot d(
      sizeof(object), [](void* slot, std::uint32_t number) { ::new (slot) object{number}; }, false);
  magazine_cache cache(d);
  constexpr std::uint32_t count = 20'000;  // several slabs
  std::vector<object*> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    all.push_back(static_cast<object*>(cache.take()));
    ++all.back()->taken;
  }
  std::set<std::uint32_t> numbers;
  d.for_each_slot([&](void* slot) { numbers.insert(static_cast<object*>(slot)->number); });
  EXPECT_EQ(numbers.size(), slots_of(d));
  EXPECT_EQ(*numbers.begin(), 0U);
  EXPECT_EQ(*numbers.rbegin(), numbers.size() - 1);
  for (object* const each : all) {
    EXPECT_EQ(each->taken, 1U);
    cache.give(each);
  }
}

TEST(Depot, ServesThreadsThatHaveNoCache) {
  static constinit depot d(32, nullptr, true);
  std::vector<void*> slots;
  for (int i = 0; i < 500; ++i) slots.push_back(d.take_one());
  const std::size_t carved = slots_of(d);
  EXPECT_EQ(std::set<void*>(slots.begin(), slots.end()).size(), slots.size());
  std::shuffle(slots.begin(), slots.end(), std::mt19937_64(test::seed()));
  for (int round = 0; round < 20; ++round) {
    for (void* const slot : slots) d.give_one(slot);
    for (void*& slot : slots) slot = d.take_one();
    EXPECT_EQ(std::set<void*>(slots.begin(), slots.end()).size(), slots.size());
  }
  EXPECT_EQ(slots_of(d), carved);
  for (void* const slot : slots) d.give_one(slot);
}

TEST(Depot, PacksSingleSlotsIntoFewMagazines) {
  static constinit depot d(32, nullptr, true);
  std::vector<void*> slots;
  for (int i = 0; i < 1000; ++i) slots.push_back(d.take_one());
  for (void* const slot : slots) d.give_one(slot);
  // All magazines with slots, until a fresh one is carved.
  const std::size_t carved = slots_of(d);
  std::vector<magazine*> taken;
  std::size_t held = 0;
  while (held < carved) {
    taken.push_back(&d.take_filled());
    held += taken.back()->count;
  }
  EXPECT_LE(taken.size(), carved / magazine::capacity + 3);
  for (magazine* const m : taken) d.put(*m);
}

TEST(Depot, TakesBackWhatACacheHolds) {
  static constinit depot d(64, nullptr, true);
  std::set<void*> first;
  for (int round = 0; round < 100; ++round) {
    magazine_cache cache(d);
    std::array<void*, 100> slots{};
    for (void*& slot : slots) slot = cache.take();
    if (round == 0) first.insert(slots.begin(), slots.end());
    for (void* const slot : slots) cache.give(slot);
  }
  EXPECT_LE(slots_of(d), std::size_t{4} * magazine::capacity);
}

TEST(Depot, GoesThereOncePerMagazine) {
  static constinit depot d(64, nullptr, true);
  magazine_cache cache(d);
  std::vector<void*> slots;
  for (std::uint32_t i = 0; i < 10 * magazine::capacity; ++i) slots.push_back(cache.take());
  EXPECT_LE(cache.refills(), 11U);
  for (void* const slot : slots) cache.give(slot);
  const std::uint64_t before = cache.refills();
  for (int i = 0; i < 10'000; ++i) {  // around a magazine's edge: the second one keeps it cheap
    for (int k = 0; k < 3; ++k) slots[static_cast<std::size_t>(k)] = cache.take();
    for (int k = 0; k < 3; ++k) cache.give(slots[static_cast<std::size_t>(k)]);
  }
  EXPECT_LE(cache.refills() - before, 1U);
}

#if TROUPE_ASAN
TEST(Depot, FencesFreeSlotsOnRequest) {
  static constinit depot fenced(64, nullptr, true);
  static constinit depot open(64, nullptr, false);
  magazine_cache fenced_cache(fenced);
  magazine_cache open_cache(open);
  void* const guarded = fenced_cache.take();
  void* const visible = open_cache.take();
  EXPECT_EQ(__asan_region_is_poisoned(guarded, 64), nullptr);
  fenced_cache.give(guarded);
  open_cache.give(visible);
  EXPECT_NE(__asan_region_is_poisoned(guarded, 64), nullptr);
  EXPECT_EQ(__asan_region_is_poisoned(visible, 64), nullptr);
}
#endif

// ---- several threads ----

struct slot_node : queue_node {
  std::uint64_t number = 0;
};

/// One thread takes slots, the other gives them back, with at most `ahead` under way.
TEST(Depot, LetsASlotsProducerAndConsumerRecycleWithoutGrowth) {
  static constinit depot d(sizeof(slot_node), nullptr, true);
  constexpr std::uint64_t count = TROUPE_ASAN || TROUPE_TSAN ? 300'000 : 3'000'000;
  constexpr std::uint64_t ahead = 1000;
  mpsc_queue queue;
  atomic<std::uint64_t> consumed{0};
  std::uint64_t disorder = 0;
  std::thread consumer([&] {
    magazine_cache cache(d);
    for (std::uint64_t i = 0; i < count; ++i) {
      queue_node* front = nullptr;
      while ((front = queue.front()) == nullptr) std::this_thread::yield();
      while (queue.unlink_front() == mpsc_queue::unlinked::stalled) std::this_thread::yield();
      if (static_cast<slot_node*>(front)->number != i) ++disorder;
      cache.give(front);
      consumed.store_release(i + 1);  // pairs with the producer's wait
    }
  });
  {
    magazine_cache cache(d);
    for (std::uint64_t i = 0; i < count; ++i) {
      while (i - consumed.load_acquire() >= ahead) std::this_thread::yield();
      auto* const n = ::new (cache.take()) slot_node;
      n->number = i;
      static_cast<void>(queue.push(*n));
    }
  }
  consumer.join();
  EXPECT_EQ(disorder, 0U);
  // Under way, in two magazines on either side, and a few magazines in the depot.
  EXPECT_LE(slots_of(d), ahead + std::size_t{8} * magazine::capacity);
}

/// Threads take and give slots at random, some with caches that come and go, some without.
class crowd {
 public:
  crowd(depot& d, std::uint64_t seed, std::size_t threads) : depot_(d) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < threads; ++i) seeds_.push_back(random());
  }

  void run() {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < seeds_.size(); ++i) threads.emplace_back([this, i] { work(i); });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(strangers_.load_relaxed(), 0U);
  }

 private:
  // A slot holds its owner's number while it is taken; plain, so that TSan sees a second owner,
  // too.
  struct mark {
    std::uint64_t owner;
  };

  void work(std::size_t me) {
    std::minstd_rand random(static_cast<std::uint32_t>(seeds_[me]));
    std::vector<mark*> held;
    auto cache = std::make_unique<magazine_cache>(depot_);
    for (int i = 0; i < 20'000; ++i) {
      const bool alone = random() % 16 == 0;
      if (held.size() < random() % 200) {
        held.push_back(::new (alone ? depot_.take_one() : cache->take()) mark{me});
      } else if (!held.empty()) {
        std::swap(held[random() % held.size()], held.back());
        if (held.back()->owner != me) strangers_.fetch_add_relaxed(1);
        if (alone) {
          depot_.give_one(held.back());
        } else {
          cache->give(held.back());
        }
        held.pop_back();
      }
      if (random() % 1000 == 0) {
        cache.reset();
        cache = std::make_unique<magazine_cache>(depot_);
      }
    }
    for (mark* const each : held) cache->give(each);
  }

  depot& depot_;
  std::vector<std::uint64_t> seeds_;
  atomic<std::size_t> strangers_{0};
};

TEST(Depot, GivesNoSlotToTwoThreads) {
  static constinit depot d(sizeof(std::uint64_t), nullptr, false);
  std::mt19937_64 seeds(test::seed());
  std::size_t after_first = 0;
  for (int round = 0; round < 8; ++round) {
    crowd(d, seeds(), 4).run();
    if (HasFailure()) return;
    if (round == 0) after_first = slots_of(d);
  }
  EXPECT_LE(slots_of(d), 2 * after_first + std::size_t{8} * magazine::capacity);
}

TEST(Depot, ShowsOnlyConstructedSlotsWhileItGrows) {
  struct object {
    std::uint64_t sign;
  };
  constexpr std::uint64_t sign = 0x1234'5678'9abc'def0;
  static constinit depot d(
      sizeof(object), [](void* slot, std::uint32_t) { ::new (slot) object{sign}; }, false);
  atomic<bool> done{false};
  atomic<std::size_t> rounds{0};
  std::size_t most = 0;
  std::size_t wrong = 0;
  std::thread observer([&] {
    for (bool last = false; !last; rounds.fetch_add_relaxed(1)) {
      last = done.load_acquire();
      std::size_t count = 0;
      d.for_each_slot([&](void* slot) {
        ++count;
        if (static_cast<const object*>(slot)->sign != sign) ++wrong;
      });
      most = std::max(most, count);
    }
  });
  std::vector<void*> slots;
  {
    magazine_cache cache(d);
    while (rounds.load_relaxed() == 0) std::this_thread::yield();
    for (int i = 0; i < 50'000; ++i) slots.push_back(cache.take());
    done.store_release(true);
    observer.join();
    for (void* const slot : slots) cache.give(slot);
  }
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(most, slots_of(d));
}

}  // namespace
}  // namespace troupe::detail

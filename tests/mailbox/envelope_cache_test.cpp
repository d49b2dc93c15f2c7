// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/base/section.hpp>
#include <troupe/mailbox/internal/envelope_cache.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

std::vector<envelope*> acquire(std::size_t count, std::size_t size_class = 0) {
  std::vector<envelope*> taken(count);
  for (envelope*& each : taken) each = acquire_envelope(size_class);
  return taken;
}

void release(const std::vector<envelope*>& taken) {
  for (envelope* const each : taken) release_envelope(*each);
}

std::size_t different(std::vector<envelope*> all) {
  std::sort(all.begin(), all.end());
  return static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
}

TEST(EnvelopeCache, GivesEachThreadEnvelopesOfItsOwn) {
  std::array<std::vector<envelope*>, 4> taken;
  std::vector<std::thread> threads;
  for (auto& mine : taken) threads.emplace_back([&mine] { mine = acquire(500); });
  for (std::thread& each : threads) each.join();
  std::vector<envelope*> all;
  for (const auto& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
  EXPECT_EQ(different(all), all.size());
  release(all);
}

TEST(EnvelopeCache, IsTheWorkersWhileItIsSet) {
  const auto workers = std::make_unique<envelope_cache>();
  {
    const section guard;
    use_envelope_cache(workers.get());
  }
  const std::vector<envelope*> taken = acquire(300);
  EXPECT_GT(workers->of(0).refills(), 0U);
  release(taken);
  const section guard;
  use_envelope_cache(nullptr);
}

TEST(EnvelopeCache, LeavesNoSectionOpen) {
  release(acquire(200));
  EXPECT_FALSE(in_section());
}

TEST(EnvelopeCache, KeepsSizesApart) {
  std::vector<envelope*> all;
  for (std::size_t size_class = 0; size_class < envelope_classes; ++size_class) {
    for (envelope* const each : acquire(100, size_class)) {
      EXPECT_EQ(each->size_class, size_class);
      // The whole of it is usable.
      std::fill_n(static_cast<std::byte*>(each->storage()),
                  envelope_sizes[size_class] - envelope::header_size, std::byte{0xff});
      all.push_back(each);
    }
  }
  EXPECT_EQ(different(all), all.size());
  std::shuffle(all.begin(), all.end(), std::mt19937_64(test::seed()));
  release(all);
  for (std::size_t size_class = 0; size_class < envelope_classes; ++size_class) {
    const std::vector<envelope*> again = acquire(100, size_class);
    EXPECT_EQ(different(again), again.size());
    release(again);
  }
}

TEST(EnvelopeCache, GetsBackWhatAThreadHeldThatEnded) {
  // Threads that come and go send a few messages each: what they leave behind is used again.
  std::vector<envelope*> all;
  std::set<envelope*> ever;
  for (int i = 0; i < 300; ++i) {
    std::thread([&, i] {
      const std::vector<envelope*> taken = acquire(20);
      ever.insert(taken.begin(), taken.end());
      release({taken.begin() + 1, taken.end()});
      if (i < 100) {
        all.push_back(taken.front());
      } else {
        release_envelope(*taken.front());
      }
    }).join();
  }
  EXPECT_EQ(different(all), 100U);
  EXPECT_LT(ever.size(), 1000U);  // 6000 if nothing were recycled
  release(all);
}

/// Uses envelopes in its destructor, when the thread's own magazines may be gone already.
struct last_words {
  std::vector<envelope*> kept;
  std::vector<envelope*>* taken = nullptr;

  ~last_words() {
    release(kept);
    if (taken != nullptr) *taken = acquire(200);
  }
};

TEST(EnvelopeCache, ServesAThreadToItsVeryEnd) {
  std::vector<envelope*> late;
  std::vector<envelope*> early;
  std::thread([&late, &early] {
    thread_local last_words words;  // before the magazines: so destroyed after them
    words.taken = &late;
    words.kept = acquire(100);
    early = acquire(200);
  }).join();
  ASSERT_EQ(late.size(), 200U);
  const std::vector<envelope*> mine = acquire(500);
  std::vector<envelope*> all = mine;
  all.insert(all.end(), late.begin(), late.end());
  all.insert(all.end(), early.begin(), early.end());
  EXPECT_EQ(different(all), all.size());
  release(all);
}

/// Every thread sends to the next one: envelopes are acquired on one and released on another
/// thread.
TEST(EnvelopeCache, HandsOutNothingTwiceWhenOtherThreadsRelease) {
  constexpr std::size_t threads = 4;
  constexpr std::uint64_t share = TROUPE_ASAN || TROUPE_TSAN ? 30'000 : 200'000;
  constexpr std::uint64_t mark = 0x0123'4567'89ab'cdef;
  std::array<mpsc_queue, threads> queues;
  atomic<std::size_t> wrong{0};
  std::mt19937_64 seeds(test::seed());
  std::vector<std::thread> running;
  for (std::size_t me = 0; me < threads; ++me) {
    running.emplace_back([&, me, seed = seeds()] {
      std::minstd_rand random(static_cast<std::uint32_t>(seed));
      std::uint64_t sent = 0;
      std::uint64_t received = 0;
      while (received < share || sent < share) {
        for (auto burst = random() % 100; sent < share && burst > 0; --burst) {
          envelope* const e = make_envelope<std::uint64_t>(mark + sent++);
          static_cast<void>(queues[(me + 1) % threads].push(*e));
        }
        while (queue_node* const front = queues[me].front()) {
          if (queues[me].unlink_front() == mpsc_queue::unlinked::stalled) break;
          auto& e = static_cast<envelope&>(*front);
          if (e.as<std::uint64_t>() != mark + received++) wrong.fetch_add_relaxed(1);
          discard_envelope(e);
        }
        if (sent == share) std::this_thread::yield();
      }
    });
  }
  for (std::thread& each : running) each.join();
  EXPECT_EQ(wrong.load_relaxed(), 0U);
}

}  // namespace
}  // namespace troupe::detail

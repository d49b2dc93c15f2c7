// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/line_transfer.hpp>
#include <bench/harness/stopwatch.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <thread>

namespace troupe::bench {
namespace {

constexpr std::uint64_t batches = 5;
constexpr std::uint64_t round_trips = 3000;  // in a batch

// Alone in its neighbourhood: prefetchers pull in the lines beside the one that is asked for.
struct alignas(256) lonely_word {
  std::atomic<std::uint64_t> value{0};
  char nothing_else[256 - sizeof(value)];
};

// Waits for `awaited` and answers with the number after it, over and over: one of the two sides.
void take_turns(std::atomic<std::uint64_t>& word, std::uint64_t awaited, std::uint64_t turns) {
  for (std::uint64_t i = 0; i < turns; ++i, awaited += 2) {
    while (word.load(std::memory_order_acquire) != awaited) {  // pairs with the other's release
    }
    word.store(awaited + 1, std::memory_order_release);
  }
}

}  // namespace

double line_transfer_ns() {
  if (std::thread::hardware_concurrency() < 2) return 0;
  lonely_word word;
  std::thread other([&word] { take_turns(word.value, 1, batches * round_trips); });
  double best = std::numeric_limits<double>::max();
  for (std::uint64_t batch = 0; batch < batches; ++batch) {
    const stopwatch watch;
    take_turns(word.value, 2 * batch * round_trips, round_trips);
    best = std::min(best, watch.nanoseconds_each(2 * round_trips));
  }
  other.join();
  return best;
}

}  // namespace troupe::bench

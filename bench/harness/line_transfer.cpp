// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/line_transfer.hpp>
#include <bench/harness/stopwatch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace troupe::bench {
namespace {

constexpr std::uint64_t batches = 100;
constexpr std::uint64_t round_trips = 150;  // in a batch

// Where the two threads must share their cores with others, each turn may take a time slice.
constexpr std::chrono::milliseconds patience{20};

// The two words are alone in their neighbourhood: prefetchers pull in the lines beside the one that
// is asked for.
struct alignas(256) lonely_word {
  std::atomic<std::uint64_t> value{0};
  char nothing_else[256 - sizeof(value)];
};

/// `over` is a word of its own: an answer under way must not overwrite it.
void answer_every_turn(std::atomic<std::uint64_t>& word, const std::atomic<std::uint64_t>& over) {
  for (std::uint64_t awaited = 1;; awaited += 2) {
    while (word.load(std::memory_order_acquire) != awaited) {  // pairs with the other's release
      if (over.load(std::memory_order_relaxed) != 0) return;   // says nothing but its value
    }
    word.store(awaited + 1, std::memory_order_release);
  }
}

/// False: it took too long.
bool play_a_batch(std::atomic<std::uint64_t>& word, std::uint64_t& turn, const stopwatch& total) {
  for (std::uint64_t i = 0; i < round_trips; ++i) {
    word.store(++turn, std::memory_order_release);
    ++turn;
    for (std::uint64_t spins = 1; word.load(std::memory_order_acquire) != turn; ++spins) {
      if (spins % 4096 == 0 && total.elapsed() > patience) return false;
    }
  }
  return true;
}

}  // namespace

double line_transfer_ns() {
  if (std::thread::hardware_concurrency() < 2) return 0;
  lonely_word word;
  lonely_word over;
  std::thread other([&] { answer_every_turn(word.value, over.value); });
  const stopwatch total;
  std::uint64_t turn = 0;
  double best = 0;
  for (std::uint64_t batch = 0; batch < batches && total.elapsed() < patience; ++batch) {
    const stopwatch watch;
    if (!play_a_batch(word.value, turn, total)) break;
    const double each = watch.nanoseconds_each(2 * round_trips);
    best = best == 0 ? each : std::min(best, each);
  }
  over.value.store(1, std::memory_order_relaxed);
  other.join();
  return best != 0 ? best : total.nanoseconds_each(std::max<std::uint64_t>(turn, 1));
}

}  // namespace troupe::bench

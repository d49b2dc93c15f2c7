// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/line_transfer.hpp>
#include <bench/harness/stopwatch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>

namespace troupe::bench {
namespace {

constexpr std::uint64_t batches = 100;
constexpr std::uint64_t round_trips = 150;  // in a batch

// Where the two threads must share their cores with others, each turn may take a time slice.
constexpr std::chrono::milliseconds patience{20};

// Alone in its neighbourhood: prefetchers pull in the lines beside the one that is asked for.
struct alignas(256) lonely_word {
  std::atomic<std::uint64_t> value{0};
  char nothing_else[256 - sizeof(value)];
};

constexpr std::uint64_t no_more_turns = std::numeric_limits<std::uint64_t>::max();

void answer_every_turn(std::atomic<std::uint64_t>& word) {
  for (std::uint64_t awaited = 1;; awaited += 2) {
    std::uint64_t now = 0;
    while ((now = word.load(std::memory_order_acquire)) !=
           awaited) {  // pairs with the other's release
      if (now == no_more_turns) return;
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
  std::thread other([&word] { answer_every_turn(word.value); });
  const stopwatch total;
  std::uint64_t turn = 0;
  double best = 0;
  for (std::uint64_t batch = 0; batch < batches && total.elapsed() < patience; ++batch) {
    const stopwatch watch;
    if (!play_a_batch(word.value, turn, total)) break;
    const double each = watch.nanoseconds_each(2 * round_trips);
    best = best == 0 ? each : std::min(best, each);
  }
  word.value.store(no_more_turns, std::memory_order_release);
  other.join();
  return best != 0 ? best : total.nanoseconds_each(std::max<std::uint64_t>(turn, 1));
}

}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace load {

/// Counts latencies in buckets that are 3 % wide: bounded memory, whatever the number of samples.
/// record() from any thread; the rest when nobody records any more.
class latency_histogram {
 public:
  void record(std::chrono::nanoseconds latency);

  [[nodiscard]] std::uint64_t count() const;
  /// In microseconds; that of no samples is 0.
  [[nodiscard]] double percentile(double percent) const;
  [[nodiscard]] double mean() const;
  [[nodiscard]] double longest() const;

 private:
  static constexpr std::size_t steps = 32;  // between a power of two and the next
  static constexpr std::size_t powers = 64;

  static std::size_t bucket_of(std::uint64_t nanoseconds);
  static std::uint64_t upper_end(std::size_t bucket);

  // All relaxed: counters, read when those who add to them have ended.
  std::array<std::atomic<std::uint64_t>, steps * powers> buckets_{};
  std::atomic<std::uint64_t> total_{0};
  std::atomic<std::uint64_t> longest_{0};
};

}  // namespace load

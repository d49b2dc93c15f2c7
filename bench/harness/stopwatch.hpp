// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::bench {

/// Runs from its construction.
class stopwatch {
 public:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] std::chrono::duration<double> elapsed() const { return clock::now() - start_; }

  /// Nanoseconds for each of `operations` so far.
  [[nodiscard]] double nanoseconds_each(std::uint64_t operations) const {
    return elapsed().count() * 1e9 / static_cast<double>(operations);
  }

 private:
  clock::time_point start_ = clock::now();
};

}  // namespace troupe::bench

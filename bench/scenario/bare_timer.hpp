// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::bench {

/// What the machine alone takes for signals: plain threads, without a system, do arithmetic, and a
/// kernel timer for each of them raises a signal whose handler does nothing.
struct bare_threads {
  std::size_t count = 1;
  std::uint64_t units = 1;             // of an arithmetic_chain, for each
  std::chrono::microseconds period{};  // of the timers; 0: no timers
};

/// Runs them; the time from the first one's start to the last one's end, in seconds. Throws
/// oracle_error when a result is wrong, std::system_error when there are no timers to be had.
[[nodiscard]] double run_bare(const bare_threads& which);

}  // namespace troupe::bench

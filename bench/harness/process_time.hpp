// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

namespace troupe::bench {

/// What the kernel has charged this process for since it started.
struct process_time {
  double cpu_seconds = 0;                  // user and system, of all threads
  std::uint64_t involuntary_switches = 0;  // a thread was made to wait for its core
};

[[nodiscard]] process_time process_time_now();

/// CPU seconds of another process so far, user and system, of all threads, in steps of 10 ms.
/// Throws std::runtime_error when there is no such process.
[[nodiscard]] double cpu_seconds_of(std::uint64_t process);

[[nodiscard]] inline process_time operator-(const process_time& a, const process_time& b) {
  return {a.cpu_seconds - b.cpu_seconds, a.involuntary_switches - b.involuntary_switches};
}

}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

#include <sys/types.h>

namespace troupe::detail {

/// For how long a carrier has taken no signals although it ought to, as far as one thread knows
/// that asks again and again.
class silence {
 public:
  /// Whether `thread` sleeps or runs, and holds signals back. `taken`: how many it has taken so
  /// far. One that waits for a core is not deaf: the more behaviors go on without workers, the
  /// longer that takes. Nor is one that waits for a device: no frozen behavior keeps it from it.
  /// Where it cannot be known (there is no /proc), it is taken to be deaf.
  bool is_deaf(pid_t thread, bool armed, std::uint32_t taken, std::uint64_t now,
               std::uint64_t patience_ns) noexcept;

 private:
  std::uint32_t heard_ = 0;
  std::uint64_t since_ns_ = 0;   // 0: it is not silent
  std::uint64_t cpu_ticks_ = 0;  // what the thread had used by then
};

}  // namespace troupe::detail

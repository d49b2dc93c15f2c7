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
  /// What there is to know about a carrier.
  struct subject {
    pid_t thread = 0;  ///< if it is armed
    bool armed = false;
    bool out_of_reach = false;  ///< the kernel has refused to raise the signal
    std::uint32_t taken = 0;    ///< how many it has taken so far
  };

  /// Whether it sleeps or runs, and holds signals back. One that waits for a core is not deaf: the
  /// more behaviors go on without workers, the longer that takes. Nor is one that waits for a
  /// device: no frozen behavior keeps it from it; nor one that runs, but is out of reach. Where it
  /// cannot be known (there is no /proc), it is taken to be deaf.
  bool is_deaf(const subject& carrier, std::uint64_t now, std::uint64_t patience_ns) noexcept;

 private:
  std::uint32_t heard_ = 0;
  std::uint64_t since_ns_ = 0;   // 0: it is not silent
  std::uint64_t cpu_ticks_ = 0;  // what the thread had used by then
};

}  // namespace troupe::detail

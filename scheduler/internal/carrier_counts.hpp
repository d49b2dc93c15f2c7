// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace troupe::detail {

/// What the carriers of one scheduler have been through. Counters only, and relaxed, but for two:
///   [watch]  frozen: see monitor.hpp.
///   [adrift] a carrier that goes from frozen to unbound, or back, is counted there before it is no
///            longer counted here, both seq_cst: see scheduler::may_lay_down().
struct carrier_counts {
  atomic<std::uint64_t> preemptions{0};
  atomic<std::uint64_t> deferrals{0};
  atomic<std::uint64_t> unbinds{0};
  atomic<std::uint64_t> rescues{0};
  atomic<std::uint64_t> left_running{0};
  atomic<std::uint64_t> long_behaviors{0};
  atomic<std::size_t> bound{0};
  atomic<std::size_t> spare{0};
  atomic<std::size_t> frozen{0};  // and those that wait for a worker again
  atomic<std::size_t> unbound{0};
  /// From when a signal was due to the next behavior: latency[i] counts those below 2^i us, and not
  /// below 2^(i-1).
  std::array<atomic<std::uint64_t>, 24> latency{};

  void note_latency(std::uint64_t ns) noexcept {
    const auto bucket = static_cast<std::size_t>(std::bit_width(ns / 1000));
    latency[std::min(bucket, latency.size() - 1)].fetch_add_relaxed(1);  // [count]
  }
};

}  // namespace troupe::detail

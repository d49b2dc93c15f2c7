// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Evens out the ready sockets of a system's workers: reactor_options::rebalance_ratio.
//
// Time is cut into periods, the same ones for all reactors. Each counts the sockets that were ready
// in a period, each once, and shows the number to the others at its end. One that had far more
// than the one with the fewest moves half the difference there: the next sockets that it reports.
//
// Roles: the reactor's worker, within sections; any thread reads what is shown. Orderings: relaxed
// throughout; the numbers are hints, and moving a socket has locks of its own.

#include <troupe/base/atomic.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::detail {
class worker;
}

namespace troupe::io::detail {

class edge_set;
class socket;

/// What one reactor shows to the others: a period, and how many sockets were ready in it.
class ready_count {
 public:
  void show(std::uint32_t period, std::uint32_t sockets) noexcept {
    shown_.store_relaxed(std::uint64_t{period} << 32 | sockets);
  }
  /// 0 when the reactor has had nothing to do lately.
  std::uint32_t lately(std::uint32_t period) const noexcept {
    const std::uint64_t shown = shown_.load_relaxed();
    const std::uint32_t age = period - static_cast<std::uint32_t>(shown >> 32);
    return age <= 2 ? static_cast<std::uint32_t>(shown) : 0;
  }

 private:
  troupe::detail::atomic<std::uint64_t> shown_{0};
};

class rebalancer {
 public:
  /// `ratio`: reactor_options::rebalance_ratio. Counts what it moves in `moved`.
  rebalancer(double ratio, troupe::detail::atomic<std::uint64_t>& moved) noexcept
      : ratio_(ratio), moved_(moved) {}

  bool is_on() const noexcept { return ratio_ != 0; }
  /// Before events are reported.
  void begin_look(edge_set& mine, std::uint64_t now_ns) noexcept;
  /// After one has been reported.
  void note(edge_set& mine, socket& s) noexcept;

 private:
  static constexpr std::uint64_t period_ns = 10'000'000;  // arbitrary: a few hundred events or none
  static constexpr std::uint32_t few = 8;  // arbitrary: as many ready sockets are no burden

  void plan(const edge_set& mine) noexcept;

  const double ratio_;
  std::uint32_t period_ = 0;
  std::uint32_t ready_ = 0;
  std::uint32_t to_move_ = 0;
  troupe::detail::worker* target_ = nullptr;  // of the same system
  troupe::detail::atomic<std::uint64_t>& moved_;
};

}  // namespace troupe::io::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Which workers are parked, and how many look for work.
//
// Rule: whoever makes work available to others wakes one parked worker unless somebody searches
// already; a searcher that finds work and was the last one wakes the next. So wake-ups chain as
// long as there is work, and never storm (the scheme of Go's and tokio's schedulers). Orderings:
//   [park]  a worker enters the set (seq_cst count), then looks at all queues once more; a pusher
//           pushes and then reads the count. For pushes that nobody else would run (injector,
//           inbox) the push is seq_cst too, so one of the two sees the other. A push to the own
//           ring is only released: if it is missed, the pushing worker runs that work itself, or
//           whoever looks next finds it; a worker that has just had work looks again after a short
//           sleep.

#include <troupe/base/atomic.hpp>
#include <troupe/base/spin_lock.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::detail {

class worker;

class idle_set {
 public:
  explicit idle_set(std::size_t workers) : workers_(workers) { parked_.reserve(workers); }

  /// Whether waking somebody could help: parked workers, and nobody searching. Any thread.
  bool worth_waking() const noexcept {
    return parked_count_.load_seq_cst() != 0 && searching_.load_seq_cst() == 0;  // [park]
  }

  /// Takes one parked worker out of the set and counts it as searching; nullptr when there is none,
  /// or when somebody searches already. The caller wakes it. Any thread.
  worker* take_one() noexcept;

  /// A worker that ran out of work starts to search. False: enough others do.
  bool begin_search() noexcept;
  /// A searching worker stops. True: it was the last one.
  bool end_search() noexcept { return searching_.fetch_sub_seq_cst(1) == 1; }

  /// The worker is about to park.
  void add(worker& w) noexcept;
  /// The worker no longer parks. False: take_one() had taken it out, so it counts as searching.
  bool remove(worker& w) noexcept;

 private:
  const std::size_t workers_;
  atomic<std::uint32_t> parked_count_{0};
  atomic<std::uint32_t> searching_{0};
  spin_lock lock_;               // guards parked_
  std::vector<worker*> parked_;  // last in, first out: the warmest cache is woken first
};

}  // namespace troupe::detail

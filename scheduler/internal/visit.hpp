// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Schedulers come to an end while others still hold handles to their tasks. A worker may use its
// own scheduler freely: it is joined before that goes. Whoever else looks at a scheduler through
// task::home does so during a visit; whoever destroys a scheduler first makes it unreachable (home
// becomes nullptr), and then waits for the visits that may have seen it (as in RCU: readers pay for
// themselves only).
//
// Roles: any thread makes visits, on slow paths only: waking a task of another scheduler, dead
// letters. The thread that destroys a scheduler calls await_visitors(), and must not be in a visit
// itself. Orderings:
//   [visit] a visitor counts itself, then reads home; the destroyer clears home, then reads the
//   counters.
//           All seq_cst (Dekker's pattern): the visitor sees nullptr, or the destroyer sees the
//           visitor. Counters come in two sets, and the destroyer turns visitors to the other one
//           before it waits, so that an endless stream of them does not keep it waiting. It does so
//           for both sets in turn: a visitor may read which set it is to use, and count itself
//           there only after the first turn.

#include <troupe/base/atomic.hpp>

#include <cstdint>

namespace troupe::detail {

/// Keeps every scheduler that is reachable during the scope in place until its end.
class visit {
 public:
  visit() noexcept;
  ~visit();
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  atomic<std::uint32_t>& counter_;
};

/// Returns when all visits that began before the call have ended.
void await_visitors();

}  // namespace troupe::detail

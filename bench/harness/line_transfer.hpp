// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::bench {

/// Nanoseconds that a cache line takes from one core to another right now: half the round trip of a
/// word that two threads write in turns, the best of a few batches. At most some 20 milliseconds:
/// where other programs keep the cores busy, the answer is what a turn took on average.
///
/// It is 25 to 30 ns where cores share a last-level cache, and six times as much where they do not.
/// On a virtual machine it changes from minute to minute, with where the host lets the virtual
/// cores run; figures of benchmarks whose messages cross cores change with it.
[[nodiscard]] double line_transfer_ns();

}  // namespace troupe::bench

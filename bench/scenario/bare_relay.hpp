// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <vector>

namespace troupe::bench {

/// What the machine alone takes to stop one thread and to let another one run: two plain threads on
/// one core, of which one computes. A kernel timer raises a signal, whose handler lets the other
/// one run by a futex, and waits for its own. For each turn, from when the timer was due to the
/// other thread running [us], sorted. Throws std::system_error.
[[nodiscard]] std::vector<double> relay_bare(std::size_t turns);

}  // namespace troupe::bench

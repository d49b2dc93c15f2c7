// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>

namespace troupe::detail {

/// Throws std::invalid_argument naming `field` unless `quantum` is from 50 us to 10 s: anything
/// shorter is spent on being preempted, and who wants anything longer wants preemption::isolate.
void require_quantum(const char* field, std::chrono::microseconds quantum);

}  // namespace troupe::detail

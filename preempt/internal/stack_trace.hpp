// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/preempt/internal/stack_copy.hpp>

#include <string>
#include <vector>

namespace troupe::detail {

/// What the thread was doing, innermost first, down to where the runtime has called the behavior:
/// "function at file:line", or as much of that as is known. If it cannot be told: one line in
/// parentheses that says why. Reads /proc and the program's files; not in a signal handler.
std::vector<std::string> stack_trace(const stack_copy& from);

}  // namespace troupe::detail

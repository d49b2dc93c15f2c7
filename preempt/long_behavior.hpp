// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// A behavior that ran for longer than preemption_options::warn_after without waiting.
struct long_behavior {
  std::uint64_t id;              ///< any_ref::id() of the actor; 0 for a job
  std::string name;              ///< spawn_options::name, or empty
  std::string type;              ///< readable C++ type of the behavior; "job"
  std::chrono::nanoseconds ran;  ///< so far; what it was stopped for or blocked is not counted
  /// Where it was then, innermost first: "function at file:line", or "function+0x12 (libx.so)"
  /// where there is no debug information. One entry in parentheses says why there is no stack.
  std::vector<std::string> stack;
};

}  // namespace troupe

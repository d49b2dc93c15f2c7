// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/sanitizer.hpp>

#include <algorithm>
#include <cstddef>

namespace troupe::test {

/// How much slower a sanitizer makes the runtime: tests that repeat something divide by it.
inline constexpr std::size_t slowdown = TROUPE_TSAN ? 10 : TROUPE_ASAN ? 6 : 1;

/// `times`, or fewer where a sanitizer slows everything down; at least one.
constexpr std::size_t scaled(std::size_t times) {
  return std::max<std::size_t>(1, times / slowdown);
}

}  // namespace troupe::test

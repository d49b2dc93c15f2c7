// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>

namespace troupe::detail {

/// Distance that keeps two writers out of each other's cache line. Fixed rather than taken from
/// std::hardware_destructive_interference_size, whose value may differ between the library's
/// compiler flags and its user's (an ABI trap that GCC warns about).
inline constexpr std::size_t cache_line = 64;

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A library of its own that the torture loads and unloads.
#include <cstdint>

/// n * n, as the sum of the first n odd numbers.
extern "C" std::uint64_t torture_plugin_square(std::uint64_t n) {
  volatile std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum = sum + 2 * i + 1;
  return sum;
}

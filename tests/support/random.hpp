// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <support/seed.hpp>

#include <cstdint>
#include <random>

namespace troupe::test {

/// Random choices of one thread of a test: made from the test's seed and the thread's number.
class random_choices {
 public:
  explicit random_choices(std::uint64_t stream) : engine_(mix(seed() + stream)) {}

  /// A number from 0 to `most`.
  std::uint64_t up_to(std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(0, most)(engine_);
  }
  bool one_in(std::uint64_t n) { return up_to(n - 1) == 0; }

 private:
  /// splitmix64 (Vigna, 2015): neighbouring seeds give unrelated sequences.
  static std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  }

  std::mt19937_64 engine_;
};

}  // namespace troupe::test

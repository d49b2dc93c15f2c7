// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/oracle.hpp>

#include <cstdint>
#include <string>

namespace troupe::bench {

/// Arithmetic that keeps a core busy without a call or a memory access: each step needs the result
/// of the one before, and where the chain must stand after so many steps is known without it.
class arithmetic_chain {
 public:
  /// Some ten microseconds of it.
  static constexpr std::uint64_t steps_in_unit = 10'000;

  void do_unit() {
    std::uint64_t x = x_;
    for (std::uint64_t i = 0; i < steps_in_unit; ++i) x = x * factor + summand;
    x_ = x;
  }

  /// Throws oracle_error when the chain does not stand where it must after `units`.
  void expect_right(const std::string& whose, std::uint64_t units) const {
    expect_equal("the number computed by " + whose, after(units * steps_in_unit), x_);
  }

 private:
  static constexpr std::uint64_t factor = 6364136223846793005U;
  static constexpr std::uint64_t summand = 1442695040888963407U;

  // Squares the step: x * a + b applied twice is x * (a * a) + (a * b + b).
  static std::uint64_t after(std::uint64_t steps) {
    std::uint64_t x = 0;
    std::uint64_t a = factor;
    std::uint64_t b = summand;
    for (; steps > 0; steps /= 2) {
      if (steps % 2 == 1) x = x * a + b;
      b = a * b + b;
      a = a * a;
    }
    return x;
  }

  std::uint64_t x_ = 0;
};

}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::torture {
namespace {

/// What scalar units of all kinds make of a number of rounds.
struct results {
  std::uint64_t integer;
  double sse;
  long double x87;
  friend bool operator==(const results&, const results&) = default;
};

[[gnu::noinline]] results compute(std::uint64_t rounds) {
  results r{1, 0.0, 0.0L};
  for (std::uint64_t i = 1; i <= rounds; ++i) {
    r.integer = r.integer * 6364136223846793005U + i;
    r.sse += 1.0 / static_cast<double>(i);
    r.x87 = r.x87 * 0.5L + static_cast<long double>(r.integer >> 40U) / static_cast<double>(i);
  }
  return r;
}

constexpr std::array<std::uint64_t, 4> lengths{100, 5'000, 50'000, 150'000};
std::array<results, lengths.size()> known;  // computed when nothing could interrupt

}  // namespace

void prepare_arithmetic() {
  for (std::size_t i = 0; i < lengths.size(); ++i) known[i] = compute(lengths[i]);
}

void arithmetic(toiler& t) {
  const std::size_t which = t.up_to(lengths.size() - 1);
  check(compute(lengths[which]) == known[which], "a sum came out differently");
}

}  // namespace troupe::torture

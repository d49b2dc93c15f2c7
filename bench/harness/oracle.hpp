// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace troupe::bench {

/// The work done is not the work asked for: the figure of this run would mean nothing.
class oracle_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void expect_equal(const std::string& what, std::uint64_t expected, std::uint64_t actual) {
  if (expected == actual) return;
  throw oracle_error(what + ": " + std::to_string(actual) + " instead of " +
                     std::to_string(expected));
}

}  // namespace troupe::bench

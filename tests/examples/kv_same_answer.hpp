// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <string>

namespace kv::test {

/// How the answers of two servers are compared.
enum class comparison : std::uint8_t {
  exact,
  any_order,        ///< elements of an array, in any order
  any_order_pairs,  ///< pairs of elements, in any order
  about_a_time,     ///< numbers that may differ by the time that passes between two servers
};

/// Whether both answers say the same, as far as `how` demands it.
bool same_answer(comparison how, const std::string& a, const std::string& b);

}  // namespace kv::test

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <thread>

namespace troupe::test {

/// Waits until `condition()` holds; false when it does not within a minute, which is long enough
/// for any machine that is alive.
template <class Condition>
[[nodiscard]] bool eventually(Condition&& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return true;
}

}  // namespace troupe::test

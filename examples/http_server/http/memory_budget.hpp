// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <atomic>
#include <cstddef>

namespace http {

/// A bound on what all connections hold together, in bytes. Thread-safe.
class memory_budget {
 public:
  explicit memory_budget(std::size_t most) : most_(most) {}

  /// False: there is not so much left.
  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    // Relaxed: a number, nothing is published by it.
    const auto before = taken_.fetch_add(bytes, std::memory_order_relaxed);
    if (before <= most_ && bytes <= most_ - before) return true;
    give_back(bytes);
    return false;
  }
  void give_back(std::size_t bytes) noexcept { taken_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace http

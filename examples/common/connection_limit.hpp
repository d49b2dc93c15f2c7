// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace examples {

/// One of the places that a service has for connections; given back when the last copy goes.
using connection_slot = std::shared_ptr<void>;

/// Counts connections against a bound. Copies count together. Thread-safe.
class connection_limit {
 public:
  explicit connection_limit(std::size_t most)
      : most_(most), taken_(std::make_shared<std::atomic<std::size_t>>(0)) {}

  /// Null when all are taken.
  [[nodiscard]] connection_slot take() const {
    // Relaxed: a number, nothing is published by it.
    if (taken_->fetch_add(1, std::memory_order_relaxed) < most_) {
      return {taken_.get(),
              [taken = taken_](void*) { taken->fetch_sub(1, std::memory_order_relaxed); }};
    }
    taken_->fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }

 private:
  std::size_t most_;
  std::shared_ptr<std::atomic<std::size_t>> taken_;
};

}  // namespace examples

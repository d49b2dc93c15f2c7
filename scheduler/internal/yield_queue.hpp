// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/injector.hpp>
#include <troupe/scheduler/internal/run_ring.hpp>

#include <cstddef>

namespace troupe::detail {

/// A worker's FIFO of elements that let all others go first: a ring, and a list for what does not
/// fit, so that none of them comes back as a fresh one.
///
/// Roles and guarantees are the ring's, and [in-park] the injector's, for both parts. The list is
/// behind the ring: it is taken from when the ring is empty, and while it is not empty itself,
/// what comes goes there.
///
/// Tests: tests/scheduler/yield_queue_test.cpp.
template <class T>
class yield_queue {
 public:
  // ---- owner ----

  void push(T* element) noexcept {
    if (!rest_.empty() || !ring_.try_push_before_looking(element)) rest_.push(element);
  }
  [[nodiscard]] T* pop() noexcept {
    T* const oldest = ring_.pop();
    return oldest != nullptr ? oldest : pop_rest();
  }

  // ---- thief ----

  /// As run_ring::steal(); one when only the list has any.
  [[nodiscard]] T* steal(yield_queue& into) noexcept {
    T* const oldest = ring_.steal(into.ring_);
    return oldest != nullptr ? oldest : pop_rest();
  }

  // ---- any thread ----

  [[nodiscard]] bool empty() const noexcept {
    return ring_.size_after_parking() == 0 && rest_.empty();
  }

 private:
  T* pop_rest() noexcept {
    T* oldest = nullptr;
    return rest_.empty() || rest_.pop(&oldest, 1) == 0 ? nullptr : oldest;
  }

  run_ring<T> ring_;
  injector<T> rest_;
};

}  // namespace troupe::detail

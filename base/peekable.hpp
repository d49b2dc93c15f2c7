// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::detail {

/// A value that one thread at a time owns, and that others may look at. It costs the owner what a
/// plain variable does: his reads race with nobody's writes, so they need not be atomic (compilers
/// never fold or drop a load that is).
///
/// Relaxed, because a look says nothing about anything else; what orders one owner after the other
/// is theirs to arrange.
template <class T>
class peekable {
 public:
  constexpr explicit peekable(T value) noexcept : value_(value) {}
  peekable(const peekable&) = delete;
  peekable& operator=(const peekable&) = delete;

  /// Owner.
  T get() const noexcept { return value_; }
  void set(T value) noexcept { __atomic_store(&value_, &value, __ATOMIC_RELAXED); }

  /// Any thread; a moment's truth.
  T peek() const noexcept {
    T value;
    __atomic_load(&value_, &value, __ATOMIC_RELAXED);
    return value;
  }

 private:
  T value_;
};

}  // namespace troupe::detail

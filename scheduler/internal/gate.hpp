// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>

#include <cstdint>

namespace troupe::detail {

/// Where one kernel thread waits until another one lets it through. Opening and waiting may come in
/// either order; to open an open one does nothing. Both may be done in a signal handler.
class gate {
 public:
  /// What was written before open() is seen behind pass(). Any thread.
  void open() noexcept;
  /// Waits until the gate is open, and closes it. One thread.
  void pass() noexcept;
  /// As pass(), but gives up when that much time is over: false. One thread.
  bool pass_within(std::uint64_t ns) noexcept;

 private:
  atomic<int> open_{0};  // a futex; released by open(), acquired by pass()
};

}  // namespace troupe::detail

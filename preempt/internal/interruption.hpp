// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

namespace troupe::detail {

/// Where a signal has interrupted its thread.
struct interruption {
  /// From a handler's third argument.
  explicit interruption(const void* context) noexcept;

  const void* context;
  std::uintptr_t program_counter;
  /// It slept in a system call, which is about to be restarted or has returned EINTR. (Or it was
  /// just about to make one, which does no harm to take for the same.)
  bool in_system_call;
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/detail/timer.hpp>

namespace troupe {

/// Names a delayed message. Copyable; may outlive the message. Must not outlive the system.
class timer {
 public:
  timer() noexcept = default;

  /// True: the message will never be delivered. False: it has been delivered, or had been cancelled
  /// already. **Suspends** never. **From** any thread.
  bool cancel() noexcept { return detail::cancel_timer(ref_); }

  explicit timer(detail::timer_ref ref) noexcept : ref_(ref) {}

 private:
  detail::timer_ref ref_;
};

}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe {

/// While one lives, the behavior or job that made it is not preempted; what came due meanwhile
/// happens at the outermost one's end. For a few microseconds of code that others must not wait
/// for. A waiting call (receive, ask, sleep_for, read, ...) within one throws std::logic_error. On
/// a plain thread it does nothing. Made and destroyed on one thread, in order.
class no_preempt {
 public:
  no_preempt() noexcept;
  ~no_preempt();
  no_preempt(const no_preempt&) = delete;
  no_preempt& operator=(const no_preempt&) = delete;
};

}  // namespace troupe

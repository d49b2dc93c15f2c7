// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/preempt/internal/long_behaviors.hpp>
#include <troupe/preempt/long_behavior.hpp>

#include <functional>
#include <thread>

namespace troupe::detail {

/// Tells of long behaviors: a thread of its own, asleep until there is one. It walks the copy of
/// the stack, which takes files, memory and milliseconds: nobody waits for it (compare rule R6).
class long_behavior_reporter {
 public:
  using hook = std::function<void(const long_behavior&)>;

  /// Without a hook, lines go to stderr.
  long_behavior_reporter(long_behaviors& source, hook tell)
      : source_(source), hook_(std::move(tell)) {}
  ~long_behavior_reporter() { stop(); }
  long_behavior_reporter(const long_behavior_reporter&) = delete;
  long_behavior_reporter& operator=(const long_behavior_reporter&) = delete;

  /// Throws std::system_error.
  void start();
  /// What has been found by now is told.
  void stop() noexcept;

 private:
  void run() noexcept;
  void tell(const long_run& found) noexcept;

  long_behaviors& source_;
  const hook hook_;
  atomic<bool> stopping_{false};  // ordered by the gate
  std::thread thread_;
};

}  // namespace troupe::detail

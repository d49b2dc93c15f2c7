// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/scheduler/internal/gate.hpp>

#include <thread>

namespace troupe::detail {

class scheduler;
class signal_preemptor;

/// Keeps spare carriers ready: a thread of its own, because a signal handler cannot start any, and
/// because starting one allocates. So it may come to wait for a behavior that is frozen; nobody
/// waits for it (rule R6).
class recruiter {
 public:
  recruiter(scheduler& home, signal_preemptor& watcher) noexcept : home_(home), watcher_(watcher) {}
  ~recruiter() { stop(); }
  recruiter(const recruiter&) = delete;
  recruiter& operator=(const recruiter&) = delete;

  /// Throws std::system_error.
  void start();
  void stop() noexcept;

  /// Spares are wanted. Any thread, also in a signal handler.
  void call() noexcept;

 private:
  void run() noexcept;
  void keep_spares() noexcept;
  bool recruit() noexcept;
  static void warn(bool& warned, const char* text) noexcept;

  scheduler& home_;
  signal_preemptor& watcher_;
  gate door_;
  atomic<bool> called_{false};    // no second call while one is being answered
  atomic<bool> stopping_{false};  // released by stop(), acquired by run(), which the gate wakes
  bool warned_of_bound_ = false;
  bool warned_of_threads_ = false;
  std::thread thread_;
};

}  // namespace troupe::detail

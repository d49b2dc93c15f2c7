// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/scheduler/internal/gate.hpp>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace troupe::detail {

class scheduler;
class signal_preemptor;

/// How long a worker may stand still while behaviors are frozen: one of them may hold what it
/// waits for (rule R3).
inline constexpr std::uint64_t standing_still_ns = 20'000'000;

/// Keeps spare carriers ready: a thread of its own, because a signal handler cannot start any. And
/// while behaviors are frozen, it looks for carriers that take no signals, whose handlers cannot
/// see to rule R3: in a sleep that no signal ends, in code that holds signals back. Else it sleeps.
/// Nobody waits for it, so it may allocate (compare rule R6).
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
  /// A behavior is about to be frozen. In a signal handler.
  void watch_over() noexcept {
    if (any_frozen_.load_relaxed()) return;  // not noticed yet: it will be
    any_frozen_.store_seq_cst(true);         // [watch]
    if (asleep_.load_seq_cst() && asleep_.exchange_seq_cst(false)) door_.open();  // [watch]
  }

 private:
  void run() noexcept;
  void wait() noexcept;
  void keep_spares() noexcept;
  void look_for_deaf() noexcept;
  bool recruit() noexcept;
  void warn(const char* text) noexcept;

  scheduler& home_;
  signal_preemptor& watcher_;
  gate door_;
  atomic<bool> called_{false};  // no second call while one is being answered
  // [watch] Sequentially consistent: who freezes says so, then looks whether the recruiter sleeps;
  // the recruiter says that it sleeps, then looks whether somebody has been frozen.
  atomic<bool> any_frozen_{false};  // since it was cleared
  atomic<bool> asleep_{false};      // until it is called
  atomic<bool> stopping_{false};    // ordered by the gate
  bool warned_ = false;
  std::thread thread_;
};

}  // namespace troupe::detail

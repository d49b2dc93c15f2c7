// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/scheduler/internal/gate.hpp>

#include <cstdint>
#include <mutex>
#include <thread>

namespace troupe::detail {

class scheduler;

/// The monitor: raises the signals of carriers that have no kernel timer. A thread that sleeps
/// while no such carrier is armed.
class ticker {
 public:
  /// `period_ns` may change: relaxed, and heeded from the next signals on.
  ticker(scheduler& home, const atomic<std::uint64_t>& period_ns) noexcept
      : home_(home), period_ns_(period_ns) {}
  ~ticker() { stop(); }
  ticker(const ticker&) = delete;
  ticker& operator=(const ticker&) = delete;

  /// Does nothing when it runs already. Throws std::system_error. Not in a signal handler.
  void start();
  void stop() noexcept;

  /// A carrier has been armed. Any thread, also in a signal handler.
  void call() noexcept {
    if (asleep_.load_seq_cst() && asleep_.exchange_seq_cst(false)) door_.open();  // [tick]
  }

 private:
  void run() noexcept;
  bool interrupt_armed() noexcept;

  scheduler& home_;
  const atomic<std::uint64_t>& period_ns_;
  gate door_;
  // [tick] Sequentially consistent: the ticker says that it sleeps, then looks for armed carriers;
  // a carrier arms itself, then looks whether the ticker sleeps.
  atomic<bool> asleep_{false};
  atomic<bool> stopping_{false};  // ordered by the gate, or seen a period later
  std::mutex starting_;           // guards thread_
  std::thread thread_;
};

}  // namespace troupe::detail

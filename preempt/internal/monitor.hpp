// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/scheduler/internal/gate.hpp>

#include <cstdint>
#include <thread>

namespace troupe::detail {

class scheduler;
class signal_preemptor;

/// How long a worker may stand still while behaviors are frozen: one of them may hold what it
/// waits for (rule R3).
inline constexpr std::uint64_t standing_still_ns = 20'000'000;

/// The thread that sees to what no signal handler can. It raises the signals of carriers that have
/// no kernel timer; and while behaviors are frozen, it looks for carriers that take no signals,
/// whose handlers cannot see to rule R3: in a sleep that no signal ends, in code that holds signals
/// back. Else it sleeps.
///
/// It allocates nothing and takes no lock that preemptible code can hold (rule R6): a behavior may
/// be frozen in a malloc of the program's own, and goes on only if the monitor does.
class monitor {
 public:
  monitor(scheduler& home, const signal_preemptor& watcher) noexcept
      : home_(home), watcher_(watcher) {}
  ~monitor() { stop(); }
  monitor(const monitor&) = delete;
  monitor& operator=(const monitor&) = delete;

  /// Throws std::system_error.
  void start();
  void stop() noexcept;

  /// A carrier that has no kernel timer has been armed. Any thread, also in a signal handler.
  void call() noexcept { wake_if(idle_); }
  /// A behavior has been counted as frozen. Carriers' threads, also in signal handlers.
  void watch_over() noexcept {
    if (!any_frozen_.load_relaxed()) any_frozen_.store_relaxed(true);  // a hint
    wake_if(asleep_);
  }
  /// Whether some carrier was deaf at the last look. Until none is, behaviors that were let go are
  /// not stopped: what it waits for may take them longer than a moment. A hint; also in signal
  /// handlers.
  bool some_are_deaf() const noexcept { return some_deaf_.load_relaxed(); }  // a hint

 private:
  void run() noexcept;
  bool rest(bool frozen) noexcept;
  bool interrupt_armed() noexcept;
  void look_for_deaf() noexcept;
  std::uint64_t longest_period_ns(std::uint64_t now) noexcept;
  bool some_are_frozen() noexcept;
  void wake_if(atomic<bool>& flag) noexcept {
    if (flag.load_seq_cst() && flag.exchange_seq_cst(false)) door_.open();  // [tick], [watch]
  }

  scheduler& home_;
  const signal_preemptor& watcher_;
  gate door_;
  // [tick] Sequentially consistent: the monitor says that it is idle, then looks for armed
  // carriers; a carrier arms itself, then looks whether the monitor is idle.
  atomic<bool> idle_{false};  // raises no signals until it is called
  // [watch] Sequentially consistent: who freezes counts itself, then looks whether the monitor
  // sleeps; the monitor says that it sleeps, then looks whether anybody is counted.
  atomic<bool> any_frozen_{false};  // since it was cleared; relaxed: it only saves wake-ups
  atomic<bool> some_deaf_{false};   // relaxed: a hint
  atomic<bool> asleep_{false};      // looks at nothing until it is called or told of a freeze
  atomic<bool> stopping_{false};    // released by stop(), acquired by run(), which the gate wakes
  // The monitor's own.
  std::uint64_t looked_ns_ = 0;  // for the deaf
  std::uint64_t period_ns_ = 0;
  std::uint64_t former_period_ns_ = 0;
  std::uint64_t former_until_ns_ = 0;
  std::thread thread_;
};

}  // namespace troupe::detail

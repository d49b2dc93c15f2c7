// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/preempt/long_behavior.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace troupe {

/// What happens to a behavior that keeps its worker from others.
enum class preemption {
  /// It is frozen after its quantum; its worker goes on without it, also while it blocks. Where the
  /// C library is linked statically: isolate, and a warning.
  full,
  isolate,  ///< only while it blocks in a system call does its worker go on without it
  off,      ///< nothing: scheduling is cooperative
};

/// Who raises the signal that interrupts a behavior.
enum class signal_source {
  kernel_timer,  ///< a kernel timer per carrier; where none is to be had, the monitor
  monitor,       ///< a thread of the runtime: later, because it must itself wait for a core
};

/// How a system preempts; single actors may have other quanta, see spawn_options. system's
/// constructor throws std::invalid_argument naming the field when a value is out of range, and
/// std::logic_error when the program already handles the signal.
struct preemption_options {
  preemption mode = preemption::full;
  /// How long a behavior may run while a fresh actor, a timer or an I/O event waits. 50 us to 10 s.
  std::chrono::microseconds fresh_quantum{1'000};
  /// How long it may run while only preempted behaviors wait. 50 us to 10 s.
  std::chrono::microseconds batch_quantum{10'000};
  /// Number of the signal that interrupts behaviors; 0: SIGRTMAX - 3. Several systems may share it.
  int signal = 0;
  signal_source source = signal_source::kernel_timer;
  /// The most kernel threads that the system may have as carriers: one for each worker, each frozen
  /// behavior and each blocking call, and a few in reserve. At the bound, what is frozen gets its
  /// turns, but what has no thread yet waits until one of them waits or ends. At least workers + 1;
  /// 0: 1,024, or twice the workers if that is more.
  std::size_t max_carriers = 0;
  /// How long a behavior may run without waiting before a warning says so, with its stack: once for
  /// each type of actor, and one a second at most. Also when nobody waits for its worker. 0: no
  /// warnings; at most an hour.
  std::chrono::milliseconds warn_after{1'000};
  /// Called for each of these warnings, on a thread of the runtime. It may send, but not destroy
  /// the system. When empty, lines go to stderr. What it throws is dropped.
  std::function<void(const long_behavior&)> on_long_behavior{};
};

/// Counts since the system began, and where its carriers are. A moment's truth.
struct preemption_statistics {
  std::uint64_t preemptions = 0;  ///< behaviors frozen
  std::uint64_t deferrals = 0;  ///< tries put off: within the runtime or a library that holds locks
  std::uint64_t unbinds = 0;    ///< behaviors left to go on without a worker
  std::uint64_t rescues = 0;    ///< frozen behaviors let go on because a worker stood still
  /// For want of a carrier, behaviors were not preempted, or made way for frozen ones while fresh
  /// work waited.
  std::uint64_t left_running = 0;
  std::uint64_t long_behaviors = 0;  ///< those that ran for longer than warn_after, told or not

  struct {
    std::size_t bound = 0;      ///< carry a worker; while one changes hands, nobody carries it
    std::size_t spare = 0;      ///< wait for one
    std::size_t frozen = 0;     ///< stopped in a preempted behavior
    std::size_t unbound = 0;    ///< run user code without a worker
    std::size_t returning = 0;  ///< have come back from there, and wait for a worker
  } carriers;

  /// Of each time that a signal took a worker from a behavior: from when the signal was due (the
  /// kernel timer expired, or the monitor raised it) to when the next behavior was about to run or
  /// to go on. latency[i] counts those of less than 2^i microseconds that are not in
  /// latency[i - 1]. Not counted: where nothing was left to run.
  std::array<std::uint64_t, 24> latency{};
};

}  // namespace troupe

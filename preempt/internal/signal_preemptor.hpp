// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/preempt/internal/long_behavior_reporter.hpp>
#include <troupe/preempt/internal/long_behaviors.hpp>
#include <troupe/preempt/internal/monitor.hpp>
#include <troupe/preempt/internal/recruiter.hpp>
#include <troupe/preempt/preemption.hpp>
#include <troupe/scheduler/internal/carrier_watch.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>

namespace troupe::detail {

/// Preempts by signals.
class signal_preemptor final : public preemptor {
 public:
  /// Throws std::logic_error when the program handles the signal already.
  signal_preemptor(scheduler& home, const preemption_options& options);

  std::unique_ptr<carrier_watch> watch(carrier& c) override;
  void start() override;
  void stop() noexcept override;

  // For watches.
  scheduler& home() noexcept { return home_; }
  recruiter& recruits() noexcept { return recruiter_; }
  monitor& monitoring() noexcept { return monitor_; }
  long_behaviors& long_ones() noexcept { return long_behaviors_; }
  bool freezes() const noexcept { return mode_ == preemption::full; }
  bool wants_kernel_timers() const noexcept { return source_ == signal_source::kernel_timer; }
  int signal() const noexcept { return signal_; }
  struct quanta {
    std::uint64_t fresh_ns;
    std::uint64_t batch_ns;
  };
  /// How long the task that the caller runs may go on running.
  quanta quanta_of(const task& running) const noexcept;
  std::uint64_t fresh_quantum_ns() const noexcept override { return quanta_.fresh_ns; }
  /// How often a carrier at work is interrupted: as often as the shortest of all quanta demands.
  std::uint64_t period_ns() const noexcept { return period_ns_.load_relaxed(); }
  /// The signals that carriers take: those of the thread that made the system.
  const sigset_t& mask() const noexcept { return mask_; }

  /// A carrier has not got one of its kernel timers: says so once, and what follows from it. Not in
  /// a signal handler.
  void warn_of_no_timer() noexcept;
  void warn_of_no_unbound_timer() noexcept;

  /// From now on quanta may be that short. Carriers heed it at their next signal. Any thread.
  void shorten_period(std::chrono::microseconds quantum) noexcept;

 private:
  scheduler& home_;
  const preemption mode_;
  const signal_source source_;
  const int signal_;
  const quanta quanta_;  // of those that have none of their own
  // Relaxed: who sees a change late interrupts at the former rate once more. It publishes nothing
  // else; the compare-exchange that shortens it is stronger for want of a relaxed one.
  atomic<std::uint64_t> period_ns_;
  sigset_t mask_{};
  atomic<bool> warned_of_timer_{false};
  atomic<bool> warned_of_unbound_timer_{false};
  recruiter recruiter_;
  monitor monitor_;
  long_behaviors long_behaviors_;
  long_behavior_reporter reporter_;
};

/// What has been counted, and where the carriers are.
preemption_statistics preemption_of(scheduler& home) noexcept;

/// Gives an actor quanta of its own; 0: the system's. Its spawner, before it runs.
void set_quanta(scheduler& home, const task& actor, std::chrono::microseconds fresh,
                std::chrono::microseconds batch) noexcept;

/// What preempts as the options say; nullptr for preemption::off.
preemptor_factory make_preemptor(const preemption_options& options);

}  // namespace troupe::detail

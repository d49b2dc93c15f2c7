// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/preempt/internal/behavior_time.hpp>
#include <troupe/preempt/internal/carrier_timer.hpp>
#include <troupe/preempt/internal/interruption.hpp>
#include <troupe/preempt/internal/silence.hpp>
#include <troupe/scheduler/internal/carrier_watch.hpp>
#include <troupe/scheduler/internal/hand_over.hpp>

#include <cstdint>
#include <optional>

#include <sys/types.h>

namespace troupe::detail {

class signal_preemptor;
class task;
class worker;

/// Watches one carrier and decides, in its signal handler, what becomes of the behavior that it
/// runs (design, section 4):
///
///   | the signal finds the carrier              | what happens                                    |
///   | bound, the worker parked                  | the timer stops until the worker has work       |
///   | bound, a new turn since the last signal   | noted, with the time                            |
///   | bound, in a section                       | tried again when it ends; 20 ms in one: R3      |
///   | bound, asleep in a system call            | unbind                                          |
///   | bound, its quantum not over               | looked at again when it will be                 |
///   | bound, its quantum over, nobody waits     | overdue: who comes from now on raises a signal; |
///   |                                           | looked at again when something will be due      |
///   | bound, the quantum just over              | the activation is asked to end; tried again     |
///   | bound, in a library that holds locks      | tried again soon; after 20 tries: unbind        |
///   | bound, otherwise                          | freeze                                          |
///   | unbound, in a section or such a library   | tried again soon                                |
///   | unbound, otherwise                        | freeze: queued behind the preempted ones        |
///
/// Beside that, a behavior that has run for too long is noted for a warning, whoever waits.
///
/// The turn is told by the worker's tick. All members belong to the carrier's thread and its
/// handler; what the thread does to them outside the handler is done while `armed` is not set or
/// the worker is parked, or is a single store.
class watch final : public carrier_watch {
 public:
  watch(signal_preemptor& owner, carrier& c) noexcept : owner_(owner), carrier_(c) {}

  void begin() noexcept override;
  void end() noexcept override;
  void bound() noexcept override;
  void unbound() noexcept override;
  void rescued() noexcept override;
  void resting() noexcept override;
  void returning() noexcept override;
  void freezing() noexcept override;
  void frozen() noexcept override;
  void turns_pass(std::uint64_t now) noexcept override;
  void look_closely() noexcept override;

  /// The handler. `overruns`: how often the timer has expired since it raised the signal; none:
  /// that was interrupt().
  void on_signal(const interruption& at, std::optional<std::uint64_t> overruns) noexcept;
  /// Whether the carrier ought to take signals, and has not taken any for `patience_ns`: it sleeps
  /// where none reaches it, or holds them back. One thread's to ask, again and again.
  bool is_deaf(std::uint64_t now, std::uint64_t patience_ns) noexcept {
    const bool is_armed = armed.load_acquire();  // pairs with bound(): the thread is known
    return silence_.is_deaf({.thread = is_armed ? thread_ : 0,
                             .armed = is_armed,
                             .out_of_reach = out_of_reach_.load_relaxed(),  // a hint
                             .taken = taken_.load_relaxed()},
                            now, patience_ns);
  }
  void hurry() noexcept override;
  /// Raises the signal. Any thread.
  void interrupt() noexcept;
  bool needs_interrupts() const noexcept { return !period_timer_.exists(); }

 private:
  static constexpr std::uint64_t soon_ns = 50'000;  // design, section 4: a library is left by then
  static constexpr int most_tries = 20;             // likewise: to find it outside

  enum class state : std::uint8_t { resting, bound, unbound };
  enum class due : std::uint8_t { not_yet, nobody_waits, fresh, batch };

  void on_bound(worker& w, const interruption& at) noexcept;
  void on_unbound(const interruption& at) noexcept;
  bool is_new_turn(const worker& w, std::uint64_t now) noexcept;
  void see_turn(const worker& w, std::uint64_t now) noexcept;
  /// Signals come a little late, now and then one less so than the one before: a time is over when
  /// it will be after this.
  std::uint64_t lateness_ns() const noexcept;
  due find_due(const worker& w, std::uint64_t now) const noexcept;
  void look_when_period_ends(std::uint64_t now) noexcept;
  void let_run(worker& w, std::uint64_t now, bool called) noexcept;
  std::uint64_t until_due_ns(const worker& w, std::uint64_t now) const noexcept;
  void look_at_time(worker& w, const interruption& at, std::uint64_t now) noexcept;
  void put_off(std::uint64_t now) noexcept;
  static void catch_up_here() noexcept;
  void catch_up() noexcept;
  void stop_behavior(worker& w, due why, std::uint64_t now) noexcept;
  bool leave_behavior(worker& w, std::uint64_t now, hand_over::then giver) noexcept;
  void leave_computing(worker& w, std::uint64_t now) noexcept;
  carrier* take_spare() noexcept;
  bool spares_may_come() const noexcept;
  void do_without_spare(const task& running) noexcept;
  void count_deferral(const task& running) noexcept;
  void credit_deferrals(const task& running) noexcept;
  void count_freeze(const task& stopped) noexcept;
  std::uint64_t due_ns(std::uint64_t now) const noexcept;
  void look_in(std::uint64_t ns) noexcept;
  void look_next_period() noexcept;
  void try_again_soon() noexcept { look_in(soon_ns); }
  void stop_timer() noexcept;

  signal_preemptor& owner_;
  carrier& carrier_;
  carrier_timer period_timer_;    // while bound
  carrier_timer unbound_timer_;   // of the thread's CPU time, while unbound
  pid_t thread_ = 0;              // set before `armed`
  state state_ = state::resting;  // the carrier's, as far as its thread knows
  const worker* seen_worker_ = nullptr;
  std::uint64_t seen_tick_ = 0;
  std::uint64_t since_ns_ = 0;        // when that turn began, or was first seen
  std::uint64_t used_before_ns_ = 0;  // by the behavior, before it was stopped most recently
  behavior_time time_;                // that the behavior has run
  int tries_ = 0;                     // in this turn
  int spareless_ = 0;                 // how often in this turn there was no spare
  std::uint32_t uncredited_ = 0;  // deferrals of this turn that are not in the actor's record yet
  int close_looks_ = 0;           // to be taken before the behavior is looked at rarely again
  bool put_off_ = false;
  std::uint64_t unbound_cpu_ns_ = 0;    // the thread's CPU time when it went on without a worker
  bool catching_up_ = false;            // the signal is the own thread's, raised outside everything
  std::uint64_t put_off_since_ns_ = 0;  // since when each signal has found a section; 0: it has not
  atomic<std::uint32_t> raised_{0};     // by interrupt(), since one was taken; relaxed: a count
  atomic<bool> out_of_reach_{false};    // whether interrupt() has failed; relaxed: a hint
  atomic<std::uint64_t> raised_ns_{0};  // when interrupt() last did; relaxed: for the statistics
  std::optional<std::uint64_t> overruns_;  // of the signal at hand
  atomic<std::uint32_t> taken_{0};         // signals, and workers; own thread's; relaxed: a count
  silence silence_;                        // whose who asks is_deaf()
};

}  // namespace troupe::detail

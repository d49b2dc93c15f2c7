// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/scheduler/internal/carrier_counts.hpp>
#include <troupe/scheduler/internal/carrier_pool.hpp>
#include <troupe/scheduler/internal/idle_set.hpp>
#include <troupe/scheduler/internal/injector.hpp>
#include <troupe/scheduler/internal/poller.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace troupe::detail {

/// The workers of one system and what they share.
class scheduler {
 public:
  struct options {
    std::size_t workers = 1;
    std::size_t stack_size =
        std::size_t{256} * 1024;  ///< of the generators the loops run on, bytes
    std::size_t messages_per_activation = 256;
    std::size_t events_per_turn = 16;  ///< of I/O, before actors run; design, section 6
    poller_factory make_poller;
    preemptor_factory make_preemptor{};
    std::size_t max_carriers = 0;  ///< 0: one for each worker
  };

  /// Starts nothing yet. Throws std::system_error when memory runs out.
  explicit scheduler(options o);
  /// Stops, if that has not happened.
  virtual ~scheduler();
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  /// Starts a carrier for each worker, and what preempts. Throws std::system_error naming the limit
  /// when a thread cannot be had; those started are stopped again.
  void start();
  /// Lets the workers finish what is runnable, and joins them. From a thread that is no carrier of
  /// this scheduler.
  void stop() noexcept;

  std::size_t worker_count() const noexcept { return workers_.size(); }
  worker& worker_at(std::size_t i) noexcept { return *workers_[i]; }
  /// Workers in turn, for what any of them may serve.
  worker& next_worker() noexcept {
    return *workers_[turn_.fetch_add_relaxed(1) % workers_.size()];  // [count]
  }

  bool stopping() const noexcept { return stopping_.load_seq_cst(); }  // pairs with stop()
  /// Whether a worker that finds no work is not needed any more: no behavior will want it back. The
  /// monitor has been stopped by then, so whoever lets frozen behaviors go carries a worker itself:
  /// one worker at least sees them all the time.
  bool may_lay_down() const noexcept {
    return stopping() && counts_.frozen.load_seq_cst() == 0 &&  // [adrift]
           counts_.unbound.load_seq_cst() == 0 &&               // [adrift]
           counts_.frozen.load_seq_cst() == 0;                  // [adrift] it may have come back
  }
  std::size_t messages_per_activation() const noexcept { return options_.messages_per_activation; }

  std::size_t events_per_turn() const noexcept { return options_.events_per_turn; }

  idle_set& idle() noexcept { return idle_; }
  injector<task>& injected() noexcept { return injected_; }

  /// Queues a task that no worker of this scheduler pushes itself. Any thread.
  void inject(task& t) noexcept;
  /// Queues a task that has been preempted behind the others. Any thread, and the signal handler of
  /// a carrier that is in no section.
  void requeue(task& t) noexcept;
  injector<task>& preempted() noexcept { return preempted_; }
  /// Queues a task whose carrier has come back from where it needed no worker. As requeue().
  void queue_returning(task& t) noexcept;
  injector<task>& returning() noexcept { return returning_; }
  /// A task whose carrier waits for a worker, out of these queues; nullptr: there is none.
  task* take_frozen() noexcept;
  /// A preempted task that may hold what a behavior that blocks is waiting for: mostly the one that
  /// was preempted last. nullptr: there is none. As requeue().
  task* take_likely_holder() noexcept;
  /// Lets all behaviors that wait for a worker and can do without go on: one of them may hold what
  /// a worker that stands still waits for. Any thread, and signal handlers, in sections too.
  void rescue() noexcept;

  /// Some worker's behavior is overdue (worker::note_overdue_from()). Any thread.
  void note_overdue() noexcept { some_overdue_.store_seq_cst(true); }  // [overdue]

  /// Some worker's carrier is not looked at often (worker::note_watched_rarely()). Any thread.
  void note_watched_rarely() noexcept { some_watched_rarely_.store_relaxed(true); }  // a hint
  bool some_are_watched_rarely() const noexcept { return some_watched_rarely_.load_relaxed(); }
  /// Has all those looked at. Any thread.
  void call_watches() noexcept;
  /// After something was queued for whichever worker comes first, and nobody sleeps: has an overdue
  /// one look. Any thread.
  void hurry_overdue() noexcept {
    if (some_overdue_.load_seq_cst()) hurry_some();  // [overdue]
  }

  carrier_pool& carriers() noexcept { return carriers_; }
  carrier_counts& counts() noexcept { return counts_; }
  preemptor* preemption() noexcept { return preemptor_.get(); }
  std::size_t stack_size() const noexcept { return options_.stack_size; }

  /// Wakes a parked worker, if there is one and nobody searches. Any thread.
  void wake_one() noexcept;

  /// Called by a worker that has found nothing to run, before it parks; in a section.
  virtual void note_idle(const worker& /*w*/) noexcept {}

 private:
  void hurry_some() noexcept;

  const options options_;
  std::vector<std::unique_ptr<worker>> workers_;
  carrier_counts counts_;
  std::unique_ptr<preemptor> preemptor_;
  carrier_pool carriers_;
  idle_set idle_;
  injector<task> injected_;
  injector<task> preempted_;
  injector<task> returning_;
  atomic<bool> stopping_{false};
  atomic<std::uint32_t> blocked_turns_{0};  ///< relaxed: any order will do
  /// [overdue] A worker's carrier notes the turn, then this, and then looks at the queues; who
  /// queues something then reads this, clears it, and reads the turns. All sequentially consistent:
  /// so nobody waits unseen for a behavior that is overdue.
  atomic<bool> some_overdue_{false};
  atomic<bool> some_watched_rarely_{false};  ///< relaxed: a hint
  atomic<std::uint32_t> turn_{0};
};

}  // namespace troupe::detail

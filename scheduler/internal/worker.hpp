// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// A worker: a virtual processor. Whoever carries it runs its loop (worker_loop.cpp); what to run
// next is pick.cpp's business, taking from others steal.cpp's, waiting promotion.cpp's.
//
// Roles: the carrier that is bound to the worker touches everything, in sections; other threads use
// only what the last group of members holds.

#include <troupe/base/cache_line.hpp>
#include <troupe/base/clock.hpp>
#include <troupe/mailbox/internal/envelope_cache.hpp>
#include <troupe/scheduler/detail/task.hpp>
#include <troupe/scheduler/internal/generator_pool.hpp>
#include <troupe/scheduler/internal/injector.hpp>
#include <troupe/scheduler/internal/poller.hpp>
#include <troupe/scheduler/internal/run_ring.hpp>
#include <troupe/scheduler/internal/timer_entry.hpp>
#include <troupe/scheduler/internal/timer_wheel.hpp>
#include <troupe/scheduler/internal/yield_queue.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace troupe::detail {

class carrier;
class scheduler;
struct hand_over;

class worker {
 public:
  worker(scheduler& home, std::uint32_t index, std::size_t stack_size,
         std::unique_ptr<poller> park);
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  scheduler& home() noexcept { return home_; }
  std::uint32_t index() const noexcept { return index_; }
  poller& park() noexcept { return *park_; }
  envelope_cache& envelopes() noexcept { return envelopes_; }
  task* current() const noexcept { return current_; }
  raw_generator* generator() const noexcept { return generator_; }

  /// Before the carrier's thread is started.
  void bind(carrier& c) noexcept;
  /// The loop, on the calling carrier's thread, which is bound to this worker. Returns when the
  /// carrier has left the loop; by then the worker may be anybody's.
  void carry(carrier& c) noexcept;

  // Run queues: owner.
  void push(task& t) noexcept;          ///< LIFO slot or ring, by priority
  void push_behind(task& t) noexcept;   ///< ring; wakes a parked worker
  void push_yielded(task& t) noexcept;  ///< behind everything; wakes a parked worker
  /// Whether anybody waits for a worker, after looking for news that is due. What yields asks it.
  bool others_wait();

  /// Owner, after a message was sent from a behavior: when one activation sends a lot, moves
  /// what it woke to where other workers find it.
  void note_send() noexcept {
    if (sends_.completes(sends_before_relief, turn_)) [[unlikely]]
      relieve();
  }
  /// Owner, at a call of a behavior that may wait: whether it has made so many without having
  /// waited, or yielded, that others go first.
  bool note_call() noexcept { return calls_.completes(calls_before_yield, turn_); }

  // Suspension: owner (promotion.cpp).
  void suspend(bool (*commit)(task&) noexcept);
  /// A generator of `stack_size` bytes that runs a task from its start when the task is resumed.
  /// Any thread. Throws std::system_error.
  static raw_generator* make_own_stack(std::size_t stack_size);

  /// A generator that runs the loop. Any thread. Throws std::system_error.
  static raw_generator* make_loop(std::size_t stack_size);

  // Timers: owner.
  void arm(timer_entry& entry, std::uint64_t deadline_ns) noexcept;
  void disarm(timer_entry& entry) noexcept;
  timer_entry* new_timer_entry();
  void free_timer_entry(timer_entry& entry) noexcept;

  // Preemption: the carrier's signal handler, outside sections; or its thread, before a behavior
  // that it has been given goes on.
  /// Whether a fresh task, a timer or an I/O event waits for this worker.
  bool fresh_work_waits(std::uint64_t now_ns) const noexcept;
  /// Whether tasks wait that have had a turn: preempted anywhere, or yielded here.
  bool batch_work_waits() const noexcept;
  /// Whether some of them yielded here.
  bool has_yielded() const noexcept { return !yielded_.empty(); }
  /// When the signal was due that takes this worker to another carrier: for the statistics.
  void note_signal(std::uint64_t due_ns) noexcept { signal_ns_ = due_ns; }
  /// Counts a preempted task's turn that begins in the signal handler, and not in the loop.
  void begin_preempted_turn() noexcept;
  /// Nobody waits, and from `from_ns` on the behavior has had its quantum: what comes then need not
  /// wait for the next signal.
  void note_overdue_from(std::uint64_t from_ns) noexcept;
  /// The carrier will not be looked at for more than a period: what the worker is given meanwhile
  /// calls for it. False: something has come already, or may come without a call.
  bool note_watched_rarely(std::uint64_t now_ns) noexcept;
  void note_watched_closely() noexcept { watched_rarely_.store_relaxed(false); }  // [rarely]
  /// Whether the carrier was called in reserve since this was last asked.
  bool take_reserve() noexcept {
    const bool was = in_reserve_.load_relaxed();  // a hint
    if (was) in_reserve_.store_relaxed(false);    // likewise
    return was;
  }
  /// When the next timer is due, at the earliest.
  std::uint64_t next_timer_ns() const noexcept {
    return wheel_.next_deadline_ns().value_or(never_ns);
  }
  /// Changes whenever a turn begins, when a yield finds that nobody wants one, and by look_soon().
  std::uint32_t turns_until_look() const noexcept {
    return turns_until_look_.load_relaxed();  // own thread's
  }
  /// Turns begin all the time: the next one with a look, however few they have been. The carrier's
  /// signal handler, in sections too, where the turn that is just being counted may undo it.
  void look_soon() noexcept { turns_until_look_.store_relaxed(1); }  // own thread's
  /// Whether the worker sleeps. Its carrier's signal handler, in sections too.
  bool is_parked() const noexcept { return parked_.load_relaxed(); }  // own thread's, or a hint

  /// Notes the CPU of the carrier, which calls this.
  void note_cpu(std::uint64_t now_ns) noexcept;
  /// Whether another worker that is awake was on that CPU a moment before.
  bool shares_cpu(std::uint64_t now_ns) const noexcept;

  // Any thread.
  /// If the worker's behavior is overdue, has its carrier look; false: it is not, or somebody else
  /// has done that.
  bool hurry_overdue(std::uint64_t now_ns) noexcept;
  /// Whether it is overdue, or will be if it goes on.
  bool is_noted_overdue() const noexcept { return overdue_.load_seq_cst() != 0; }  // [overdue]
  /// After something was given to the worker: has its carrier looked at, if that is not done often
  /// enough.
  void call_watch() noexcept {
    if (watched_rarely_.load_seq_cst()) hurry_watch();  // [rarely]
  }
  /// As call_watch(), where another one is called first: this one stops its behavior only if work
  /// still waits a little later.
  void call_in_reserve() noexcept;
  void post_to_inbox(timer_entry& entry) noexcept;
  void wake() noexcept { park_->wake(); }

  /// The number of turns begun, searches among them: stands still while a behavior runs on and on.
  std::uint64_t ticks() const noexcept { return ticks_.load_relaxed(); }  // [count]

 private:
  friend struct hand_over;

  // worker_loop.cpp
  static void loop(void*) noexcept;
  static void go_round() noexcept;
  static void step_off() noexcept;
  void leave_for(carrier& heir) noexcept;
  static void start_own_stack(void*) noexcept;
  static void leave_own_stack() noexcept;
  static void discard(worker& w, void* generator) noexcept;
  static void arrive() noexcept;
  static void recycle(worker& w, void* generator) noexcept;
  static void publish(worker& w, void* waiting) noexcept;
  void foresee() noexcept;
  void resume(task& t) noexcept;
  bool has_fresh() const noexcept;

  // pick.cpp
  void begin_turn() noexcept {
    ticks_.store_relaxed(++turn_);  // [count]
    expect_work();
  }
  /// There is something to be done, or the behavior is another one: a period is soon enough.
  void expect_work() noexcept {
    if (watched_rarely_.load_relaxed()) [[unlikely]]  // own thread's
      be_watched_closely();
  }
  void be_watched_closely() noexcept;
  void hurry_watch() noexcept;
  void hurry_carrier() noexcept;
  bool others_have_much() const noexcept;
  task* next();
  task* next_after_look();
  task* pick_local() noexcept;
  task* pick_fresh() noexcept;
  task* pick_normal() noexcept;
  task* pick_arrived() noexcept;
  task* pick_by_turn() noexcept;
  task* pop_batch() noexcept;
  bool preempted_are_due() noexcept;
  void end_preempted_turn(std::uint64_t now_ns) noexcept;
  static task* pop(injector<task>& queue) noexcept;
  bool import_injected() noexcept;
  void look_around(bool also_at_events = true);
  void look_at_events();
  void report_turns() noexcept;
  bool look_is_due() noexcept;
  void note_take_over() noexcept;
  std::size_t advance_timers();
  void drain_inbox() noexcept;
  void fire(timer_entry& entry) noexcept;
  void push_ring(task& t, priority prio) noexcept;
  void relieve() noexcept;

  // steal.cpp
  task* search();
  void end_search(bool found) noexcept;
  task* try_to_steal() noexcept;
  task* steal_once() noexcept;
  task* steal_from(worker& victim) noexcept;
  bool park_until_news();
  void sleep();
  void leave_parked() noexcept;
  void be_watched() noexcept;
  bool work_in_sight() noexcept;
  std::size_t room() const noexcept;
  std::size_t event_budget() const noexcept;

  static constexpr std::uint32_t sends_before_relief = 64;   // arbitrary: some 2 us of sending
  static constexpr std::uint32_t calls_before_yield = 16;    // arbitrary: some 50 us of them
  static constexpr std::uint32_t lifo_in_a_row = 3;          // inherited from tokio
  static constexpr std::uint32_t turns_between_looks = 61;   // inherited from Go: a prime near 64
  static constexpr std::uint32_t looks_between_reports = 4;  // arbitrary
  static constexpr std::uint64_t fresh_share = 7;   // so preempted ones get an eighth of the time
  static constexpr std::size_t most_injected = 64;  // a quarter of a ring
  static constexpr std::size_t much = 8;            // arbitrary: others could take some of it
  static constexpr std::size_t always_room = 16;    // events_per_turn, unless somebody changes it
  static constexpr std::size_t timers_per_look = 256;  // arbitrary: some 10 us of firing

  /// How often something has happened since the running behavior was resumed.
  struct count_in_turn {
    std::uint32_t turn = 0;
    std::uint32_t count = 0;

    /// Once more; whether that is the `n`th time, or a multiple of it.
    bool completes(std::uint32_t n, std::uint32_t present_turn) noexcept {
      if (turn != present_turn) *this = {.turn = present_turn};
      return ++count % n == 0;
    }
  };

  // Constant.
  scheduler& home_;
  const std::uint32_t index_;
  const std::unique_ptr<poller> park_;

  // Owner.
  using after_switch = void (*)(worker&, void* argument) noexcept;
  task* current_ = nullptr;
  raw_generator* generator_ = nullptr;  ///< the one the loop, or the behavior, runs on
  /// Others read it to hurry the carrier, which lives as long as the scheduler: released and
  /// acquired, so that they find it whole. One that has no worker any more takes no notice.
  atomic<carrier*> carrier_{nullptr};
  after_switch after_ = nullptr;  ///< what to do first on the other side of a switch
  void* after_argument_ = nullptr;
  bool (*commit_)(task&) noexcept = nullptr;
  task* preempted_ = nullptr;    ///< left behind by the carrier before
  std::uint64_t signal_ns_ = 0;  ///< when the signal was due that took the worker from it; 0: none
  task* run_next_ = nullptr;     ///< goes before everything
  task* lifo_ = nullptr;         ///< normal priority only; not stealable
  std::uint32_t lifo_runs_ = 0;
  std::uint32_t turn_ = 0;
  std::uint64_t preempted_since_ns_ = 0;  ///< when a preempted task's turn began; 0: none is noted
  std::uint64_t preempted_due_ns_ = 0;    ///< until when it is fresh ones' time
  count_in_turn sends_;
  count_in_turn calls_;
  /// Relaxed: own thread's, and its signal handler's.
  atomic<std::uint32_t> turns_until_look_{turns_between_looks};
  std::uint64_t random_;
  std::uint32_t looks_ = 0;
  bool yielded_turn_ = false;
  bool searching_ = false;
  bool has_dozed_ = false;       ///< its last sleep was not worth it
  bool rested_ = false;          ///< has slept its time out, and found nothing since
  std::size_t last_events_ = 0;  ///< how many there were when it last looked
  generator_pool generators_;
  envelope_cache envelopes_;
  magazine_cache timer_cache_;
  timer_wheel wheel_;

  // Others read or take from these.
  alignas(cache_line) std::array<run_ring<task>, priorities> rings_;
  yield_queue<task> yielded_;  ///< the preempted are scheduler::preempted()
  mpsc_queue inbox_;
  atomic<std::uint64_t> ticks_{0};
  /// The turn that is overdue; 0: none. Whoever clears it hurries the carrier. Sequentially
  /// consistent, see scheduler::hurry_overdue().
  atomic<std::uint64_t> overdue_{0};
  atomic<std::uint64_t> overdue_from_ns_{0};  ///< relaxed: published by overdue_
  /// [rarely] Set by the carrier's signal handler, which then looks once more; who gives the worker
  /// something does so first, and then reads it. Both sequentially consistent, so that one sees the
  /// other. Whoever clears it sees to it that the carrier is looked at.
  atomic<bool> watched_rarely_{false};
  atomic<bool> in_reserve_{false};  ///< relaxed: who reads it wrongly stops a behavior in vain
  // Where its carrier was last seen, and when. Relaxed: hints.
  atomic<int> cpu_{-1};
  atomic<std::uint64_t> seen_there_ns_{0};
  atomic<bool> parked_{false};  ///< whether a push to inbox_ must be followed by wake()
};

}  // namespace troupe::detail

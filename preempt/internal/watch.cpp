// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/watch.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/section.hpp>
#include <troupe/preempt/internal/actor_record.hpp>
#include <troupe/preempt/internal/library_ranges.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/scheduler/internal/hand_over.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe::detail {

void watch::begin() noexcept {
  thread_ = ::gettid();
  collect_library_ranges();
  if (owner_.wants_kernel_timers() &&
      !period_timer_.create(carrier_timer::clock::real, owner_.signal())) {
    owner_.warn_of_no_timer();  // the monitor raises the signals
  }
  if (owner_.freezes() &&
      !unbound_timer_.create(carrier_timer::clock::thread_cpu, owner_.signal())) {
    owner_.warn_of_no_unbound_timer();  // what goes on without a worker does so until it waits
  }
  ::pthread_sigmask(SIG_SETMASK, &owner_.mask(), nullptr);
}

void watch::end() noexcept {
  stop_timer();
  period_timer_.destroy();
  unbound_timer_.destroy();
}

void watch::bound() noexcept {
  state_ = state::bound;
  worker& w = *carrier_.bound;
  const task* const going_on = w.current();
  // It was stopped, and at the first try: so it computes, and in no library.
  const bool computes =
      going_on != nullptr && going_on->quantum_over.load_relaxed() && tries_ == 0;  // own task
  const std::uint64_t now = now_ns();
  see_turn(w, now);
  if (going_on != nullptr) {
    actor_record::note_place(*going_on, actor_record::place::worker);
    if (computes) used_before_ns_ = time_.before_ns();
    time_.go_on(now);
  } else {
    time_.begin(now);
  }
  taken_.store_relaxed(taken_.load_relaxed() + 1);  // not deaf so far
  armed.store_seq_cst(true);                        // pairs with the monitor's [tick]
  unbound_timer_.stop();
  if (needs_interrupts()) {
    owner_.monitoring().call();
  } else if (used_before_ns_ != 0 && !w.fresh_work_waits(since_ns_)) {
    let_run(w, since_ns_, /*called=*/false);
  } else {
    look_next_period();
  }
}

void watch::rescued() noexcept {
  if (actor_record* const r = actor_record::open(*carrier_.adrift)) r->count_rescue();
  unbound();
}

void watch::returning() noexcept {
  actor_record::note_place(*carrier_.adrift, actor_record::place::returning);
  resting();
}

void watch::resting() noexcept {
  if (state_ == state::bound) time_.pause(now_ns());
  state_ = state::resting;
  stop_timer();
  unbound_timer_.stop();
}

/// An interrupt of a timer that nobody needs takes longer than to stop it, and to start it again
/// later.
void watch::freezing() noexcept {
  time_.pause(now_ns());
  state_ = state::resting;
  stop_timer();
}

void watch::frozen() noexcept { owner_.monitoring().watch_over(); }

void watch::stop_timer() noexcept {
  armed.store_relaxed(false);  // a signal too many does no harm
  period_timer_.stop();
}

/// Real-time signals queue: where one cannot be taken, they must not pile up. But now and then it
/// is raised again, as it may have been lost: ThreadSanitizer keeps it with the stack that it came
/// on.
void watch::interrupt() noexcept {
  constexpr std::uint32_t until_again = 64;  // arbitrary
  if (raised_.fetch_add_relaxed(1) % until_again != 0) return;
  raised_ns_.store_relaxed(now_ns());
  const bool refused = ::syscall(SYS_tgkill, ::getpid(), thread_, owner_.signal()) != 0;
  if (refused) raised_.store_relaxed(0);  // the queue is full (RLIMIT_SIGPENDING): next time
  if (refused != out_of_reach_.load_relaxed()) out_of_reach_.store_relaxed(refused);  // a hint
}

void watch::hurry() noexcept {
  if (armed.load_acquire()) interrupt();  // pairs with bound(): the thread is known
}

/// A section has ended in which a signal came.
void watch::catch_up_here() noexcept {
  carrier* const c = this_carrier();
  if (c != nullptr && c->watch != nullptr) static_cast<watch&>(*c->watch).catch_up();
}

void watch::catch_up() noexcept {
  if (!std::exchange(put_off_, false)) return;
  put_off_since_ns_ = 0;
  catching_up_ = true;
  interrupt();
  catching_up_ = false;
}

void watch::on_signal(const interruption& at, std::optional<std::uint64_t> overruns) noexcept {
  overruns_ = overruns;
  taken_.store_relaxed(taken_.load_relaxed() + 1);
  raised_.store_relaxed(0);
  switch (state_) {
    case state::bound:
      return on_bound(*carrier_.bound, at);
    case state::unbound:
      return on_unbound(at);
    case state::resting:  // raised before it came to rest, or within look_closely()
      if (armed.load_relaxed() && !needs_interrupts()) look_next_period();  // own thread's
      return;
  }
}

void watch::on_bound(worker& w, const interruption& at) noexcept {
  if (w.is_parked()) return stop_timer();
  w.note_watched_closely();
  const bool in_reserve = w.take_reserve();
  const std::uint64_t now = now_ns();
  w.note_cpu(now);
  const bool new_turn = is_new_turn(w, now);
  if (new_turn) w.look_soon();  // once in a period, for the sake of timers and sockets
  if (in_section() || w.current() == nullptr) return put_off(now);
  put_off_since_ns_ = 0;
  credit_deferrals(*w.current());
  if (!new_turn) look_at_time(w, at, now);
  if (at.in_system_call) {
    leave_behavior(w, now, hand_over::then::sleeps);
    return;
  }
  if (new_turn || !owner_.freezes()) return look_next_period();
  const due why = find_due(w, now);
  if (why == due::not_yet) return look_when_period_ends(now);
  // Who was called for nothing is likely to be called again.
  if (why == due::nobody_waits) return let_run(w, now, !overruns_ && !catching_up_);
  if (in_reserve && why == due::fresh) return try_again_soon();
  if (!w.current()->quantum_over.load_relaxed()) {  // own task
    w.current()->quantum_over.store_relaxed(true);
    return try_again_soon();
  }
  if (catching_up_) return stop_behavior(w, why, now);  // raised where it is in no library
  if (!in_locking_library(at.program_counter)) return stop_behavior(w, why, now);
  if (++tries_ > most_tries) return leave_computing(w, now);
  count_deferral(*w.current());
  try_again_soon();
}

bool watch::is_new_turn(const worker& w, std::uint64_t now) noexcept {
  if (seen_worker_ == &w && seen_tick_ == w.ticks()) return false;
  see_turn(w, now);
  time_.begin(now);
  return true;
}

void watch::see_turn(const worker& w, std::uint64_t now) noexcept {
  seen_worker_ = &w;
  seen_tick_ = w.ticks();
  since_ns_ = now;
  used_before_ns_ = 0;
  tries_ = 0;
  spareless_ = 0;
  uncredited_ = 0;
  close_looks_ = 0;
  put_off_ = false;
  put_off_since_ns_ = 0;
}

/// Whether a warning is due.
void watch::look_at_time(worker& w, const interruption& at, std::uint64_t now) noexcept {
  long_behaviors& found = owner_.long_ones();
  const std::uint64_t limit = found.after_ns();
  if (limit == never_ns || time_.is_settled()) return;
  task& running = *w.current();
  const std::uint64_t ran = time_.look(w, now);
  // What counts is one message's time: an actor that has many is asked for a pause between two.
  if (ran >= limit / 2) running.quantum_over.store_relaxed(true);  // own task
  if (ran < limit) return;
  if (time_.count()) owner_.home().counts().long_behaviors.fetch_add_relaxed(1);  // [count]
  if (found.note(running, at, ran, now)) time_.settle();
}

watch::due watch::find_due(const worker& w, std::uint64_t now) const noexcept {
  const std::uint64_t ran = now - since_ns_ + lateness_ns();
  if (ran < owner_.period_ns()) return due::not_yet;
  const signal_preemptor::quanta may_run = owner_.quanta_of(*w.current());
  if (ran >= may_run.fresh_ns && w.fresh_work_waits(now)) return due::fresh;
  if (ran >= may_run.batch_ns && w.batch_work_waits()) return due::batch;
  return ran >= may_run.fresh_ns ? due::nobody_waits : due::not_yet;
}

/// In no section.
void watch::count_deferral(const task& running) noexcept {
  owner_.home().counts().deferrals.fetch_add_relaxed(1);  // [count] first: see actors()
  if (actor_record* const r = actor_record::open(running)) r->count_deferrals(1);
}

/// In no section. In one, the behavior may just be ending, and its record belong to somebody else:
/// so what was put off there is credited once it is seen to go on.
void watch::credit_deferrals(const task& running) noexcept {
  if (uncredited_ == 0) return;
  if (actor_record* const r = actor_record::open(running)) r->count_deferrals(uncredited_);
  uncredited_ = 0;
}

/// Before the behavior is stopped: when that returns, it has gone on again.
void watch::count_freeze(const task& stopped) noexcept {
  owner_.home().counts().preemptions.fetch_add_relaxed(1);  // [count] first: see actors()
  actor_record* const r = actor_record::open(stopped);
  if (r == nullptr) return;
  r->count_preemption();
  r->set_place(actor_record::place::frozen);
}

/// When the signal at hand was due: when its timer expired, or when somebody raised it.
std::uint64_t watch::due_ns(std::uint64_t now) const noexcept {
  if (!overruns_) return std::min(now, raised_ns_.load_relaxed());
  return period_timer_.expired_ns(now, *overruns_);
}

void watch::stop_behavior(worker& w, due why, std::uint64_t now) noexcept {
  scheduler& home = owner_.home();
  task& running = *w.current();
  carrier* successor = nullptr;
  task* next = nullptr;
  const bool takes_turns = why == due::batch && !w.has_yielded();
  if (!takes_turns || home.preempted().pop(&next, 1) == 0) {
    successor = take_spare();
    if (successor == nullptr) {
      if (!spares_may_come()) next = home.take_frozen();
      if (next == nullptr) return do_without_spare(running);
      if (why == due::fresh) owner_.home().counts().left_running.fetch_add_relaxed(1);  // [count]
    }
  }
  w.note_signal(due_ns(now));
  count_freeze(running);
  if (successor != nullptr) {
    hand_over::freeze(carrier_, *successor);
  } else {
    hand_over::swap(carrier_, *next);
  }
}

/// Where there is none, the recruiter is asked for more.
carrier* watch::take_spare() noexcept {
  carrier* const spare = owner_.home().carriers().try_take_spare();
  if (spare == nullptr) {
    ++spareless_;
    owner_.recruits().call();
  }
  return spare;
}

/// A spare takes some 50 us to make. Where that takes much longer, the recruiter may be waiting for
/// what is frozen: the lock of a malloc of the program's own.
bool watch::spares_may_come() const noexcept {
  return owner_.home().carriers().can_grow() && spareless_ <= most_tries;
}

void watch::do_without_spare(const task& running) noexcept {
  if (spares_may_come()) {
    count_deferral(running);
    return try_again_soon();
  }
  owner_.home().counts().left_running.fetch_add_relaxed(1);  // [count]
  look_next_period();
}

}  // namespace troupe::detail

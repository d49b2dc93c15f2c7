// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Behaviors that go on without a worker.

#include <troupe/base/section.hpp>
#include <troupe/preempt/internal/actor_record.hpp>
#include <troupe/preempt/internal/library_ranges.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/preempt/internal/watch.hpp>
#include <troupe/scheduler/internal/hand_over.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <ctime>

#include <sched.h>

namespace troupe::detail {
namespace {

std::uint64_t thread_cpu_ns() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(t.tv_nsec);
}

}  // namespace

/// Whether the behavior goes on without the worker.
bool watch::leave_behavior(worker& w, std::uint64_t now, hand_over::then giver) noexcept {
  scheduler& home = owner_.home();
  // What blocks may be waiting for one that is frozen, and that is most likely the last one.
  task* next = w.fresh_work_waits(now) ? nullptr : home.take_likely_holder();
  carrier* const successor = next == nullptr ? take_spare() : nullptr;
  if (successor == nullptr && next == nullptr) next = home.take_frozen();
  if (successor == nullptr && next == nullptr) {
    do_without_spare(*w.current());
    return false;
  }
  home.counts().unbinds.fetch_add_relaxed(1);  // [count] first: see actors()
  if (actor_record* const r = actor_record::open(*w.current())) r->count_unbind();
  w.current()->quantum_over.store_relaxed(false);  // own task
  w.note_signal(due_ns(now));
  if (successor != nullptr) {
    hand_over::unbind(carrier_, *successor, giver);
  } else {
    hand_over::unbind_for(carrier_, *next, giver);
  }
  return true;
}

/// What computes without a worker competes with those that have one: so it is stopped as soon as it
/// leaves the library, and until then goes behind the carrier that has got its worker.
void watch::leave_computing(worker& w, std::uint64_t now) noexcept {
  if (!leave_behavior(w, now, hand_over::then::works)) return;
  period_timer_.set(soon_ns, 0);
  ::sched_yield();
}

void watch::unbound() noexcept {
  state_ = state::unbound;
  tries_ = 0;
  spareless_ = 0;
  stop_timer();
  actor_record::note_place(*carrier_.adrift, actor_record::place::unbound);
  unbound_timer_.set(soon_ns, 0);  // of CPU time: what blocks is left in peace
  unbound_cpu_ns_ = thread_cpu_ns();
}

void watch::on_unbound(const interruption& at) noexcept {
  if (!owner_.freezes()) return;  // somebody else's signal, or one that comes late
  if (at.in_system_call || owner_.monitoring().some_are_deaf()) {
    period_timer_.stop();
    return unbound_timer_.set(soon_ns, 0);
  }
  // A signal may have been under way since before: it must not undo a rescue.
  const bool just_left = thread_cpu_ns() - unbound_cpu_ns_ < soon_ns / 2;
  if (just_left || in_section() || in_locking_library(at.program_counter)) {
    return (period_timer_.exists() ? period_timer_ : unbound_timer_).set(soon_ns, 0);
  }
  count_freeze(*carrier_.adrift);
  hand_over::rejoin(carrier_, hand_over::back::stopped);
}

}  // namespace troupe::detail

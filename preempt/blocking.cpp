// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/blocking.hpp>

#include <troupe/base/section.hpp>
#include <troupe/preempt/internal/actor_record.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/hand_over.hpp>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace troupe::detail {

namespace {

/// Whether there is nothing more to be done: the calling behavior goes on without its worker, or
/// has none to give away.
bool leave_worker() noexcept {
  const section guard;
  carrier* const c = this_carrier();
  if (c == nullptr || c->watch == nullptr || c->bound == nullptr) return true;
  carrier* const successor = c->home.carriers().try_take_spare();
  if (successor == nullptr) {
    static_cast<signal_preemptor*>(c->home.preemption())->recruits().call();
  }
  task* const next = successor == nullptr ? c->home.take_frozen() : nullptr;
  if (successor != nullptr) {
    hand_over::unbind(*c, *successor, hand_over::then::works);
  } else if (next != nullptr) {
    hand_over::unbind_for(*c, *next, hand_over::then::works);
  } else {
    return !c->home.carriers().can_grow();
  }
  c->adrift->quantum_over.store_relaxed(false);   // own task: it has not been stopped
  c->home.counts().unbinds.fetch_add_relaxed(1);  // [count] first: see actors()
  if (actor_record* const r = actor_record::open(*c->adrift)) r->count_unbind();
  return true;
}

bool has_worker() noexcept {
  const section guard;
  return this_worker() != nullptr;
}

}  // namespace

without_worker::without_worker() : had_worker_(has_worker()) {
  if (in_section()) throw std::logic_error("troupe: blocking() within no_preempt");
  // A spare that has to be made first is there in some 50 us. Without one, the signal will find
  // out that the call blocks.
  constexpr int most_tries = 100;
  for (int tries = 0; tries < most_tries && !leave_worker(); ++tries) {
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

without_worker::~without_worker() {
  if (!had_worker_) return;
  const section guard;
  carrier* const c = this_carrier();
  // It may be let go, for the sake of a lock that it holds: then it does without until it waits.
  if (c != nullptr && c->bound == nullptr) hand_over::rejoin(*c, hand_over::back::returned);
}

}  // namespace troupe::detail

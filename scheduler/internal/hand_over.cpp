// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/hand_over.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <utility>

namespace troupe::detail {

/// Puts the running behavior down, with all that is needed to go on with it; the worker stays
/// bound.
task& hand_over::stop_here(carrier& c) noexcept {
  worker& w = *c.bound;
  c.adrift = std::exchange(w.current_, nullptr);
  c.generator = std::exchange(w.generator_, nullptr);
  return *c.adrift;
}

void hand_over::give(worker& w, carrier& to, task* current, raw_generator* generator,
                     then giver) noexcept {
  w.carrier_.store_release(&to);  // pairs with worker::hurry_overdue()
  w.current_ = current;
  w.generator_ = generator;
  to.bound = &w;
  if (giver == then::sleeps) {
    const std::uint64_t now = now_ns();
    w.note_cpu(now);
    // Two workers on one CPU would stay there for seconds, if each of them always brought its next
    // carrier to it, and another CPU idle: so where that may be, the kernel is to choose.
    if (!w.shares_cpu(now)) to.cpus.bring_here();
  }
  to.door.open();
}

/// Waits for the thaw.
void hand_over::wait(carrier& c) noexcept {
  c.door.pass();
  c.cpus.set_free();
  if (c.bound != nullptr) {
    settle(c);
    c.bound->note_take_over();
  } else {
    c.watch->rescued();
  }
}

void hand_over::settle(carrier& c) noexcept {
  c.home.counts().bound.fetch_add_relaxed(1);  // [count]
  use_envelope_cache(&c.bound->envelopes());
  if (c.watch != nullptr) c.watch->bound();
}

namespace {

void mark_frozen(carrier& c, bool in_need = false) noexcept {
  c.in_need = in_need;
  c.adrift->pinned.set(c.generator);
  c.generator->frozen_on = &c;
  c.home.counts().frozen.fetch_add_seq_cst(1);  // [watch], see monitor.hpp
  if (c.watch != nullptr) c.watch->frozen();
}

void rest(const carrier& c) noexcept {
  if (c.watch != nullptr) c.watch->resting();
}

/// The worker that the calling carrier gives away, once nothing looks at it any more.
worker& release_worker(carrier& c) noexcept {
  c.home.counts().bound.fetch_sub_relaxed(1);  // [count]
  use_envelope_cache(nullptr);
  return *std::exchange(c.bound, nullptr);
}

worker& rest_and_release(carrier& c) noexcept {
  rest(c);  // first: from here on a signal finds nothing to look at
  return release_worker(c);
}

worker& freeze_and_release(carrier& c) noexcept {
  c.watch->freezing();
  return release_worker(c);
}

}  // namespace

void hand_over::freeze(carrier& c, carrier& successor) noexcept {
  task& stopped = stop_here(c);
  mark_frozen(c);
  worker& w = freeze_and_release(c);
  w.preempted_ = &stopped;
  give(w, successor, nullptr, nullptr, then::sleeps);
  wait(c);
}

void hand_over::swap(carrier& c, task& next) noexcept {
  task& stopped = stop_here(c);
  mark_frozen(c);
  worker& w = freeze_and_release(c);
  c.home.requeue(stopped);  // from here on another worker may be given to this carrier
  w.begin_preempted_turn();
  resume(w, *next.pinned.get()->frozen_on, then::sleeps);
  wait(c);
}

void hand_over::unbind(carrier& c, carrier& successor, then giver) noexcept {
  stop_here(c);
  c.home.counts().unbound.fetch_add_relaxed(1);  // [count]
  give(rest_and_release(c), successor, nullptr, nullptr, giver);
  if (c.watch != nullptr) c.watch->unbound();
}

void hand_over::unbind_for(carrier& c, task& next, then giver) noexcept {
  stop_here(c);
  c.home.counts().unbound.fetch_add_relaxed(1);  // [count]
  worker& w = rest_and_release(c);
  w.begin_preempted_turn();
  resume(w, *next.pinned.get()->frozen_on, giver);
  if (c.watch != nullptr) c.watch->unbound();
}

void hand_over::rejoin(carrier& c, back why) noexcept {
  if (why == back::stopped) {
    c.watch->resting();
  } else {
    c.watch->returning();
  }
  task& waiting = *c.adrift;
  mark_frozen(c, why == back::in_need);
  c.home.counts().unbound.fetch_sub_seq_cst(1);  // [adrift] not before
  if (why == back::stopped) {
    c.home.requeue(waiting);
  } else {
    c.home.queue_returning(waiting);
  }
  wait(c);
}

void hand_over::finish(carrier& c) noexcept {
  rest(c);
  c.adrift = nullptr;
  c.home.counts().unbound.fetch_sub_relaxed(1);  // [count]
}

void hand_over::thaw(carrier& c, carrier& heir) noexcept {
  resume(rest_and_release(c), heir, then::sleeps);
}

void hand_over::lay_down(carrier& c) noexcept {
  c.generator = std::exchange(c.bound->generator_, nullptr);
  rest_and_release(c);
}

void hand_over::resume(worker& w, carrier& heir, then giver) noexcept {
  task* const t = std::exchange(heir.adrift, nullptr);
  raw_generator* const generator = std::exchange(heir.generator, nullptr);
  t->pinned.set(nullptr);
  generator->frozen_on = nullptr;
  w.home().counts().frozen.fetch_sub_relaxed(1);  // [count]
  give(w, heir, t, generator, giver);
}

bool hand_over::may_be_let_go(const task& t) noexcept {
  return !t.pinned.get()->frozen_on->in_need;
}

void hand_over::let_go(task& t) noexcept {
  raw_generator& generator = *t.pinned.get();
  t.pinned.set(nullptr);
  carrier& c = *std::exchange(generator.frozen_on, nullptr);
  c.home.counts().unbound.fetch_add_relaxed(1);  // [count]
  c.home.counts().frozen.fetch_sub_seq_cst(1);   // [adrift] not before
  c.door.open();
}

}  // namespace troupe::detail

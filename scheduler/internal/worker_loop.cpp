// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/hand_over.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>
#include <troupe/scheduler/internal/switch.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <system_error>
#include <utility>

namespace troupe::detail {

// The loop and everything it calls run in a section (depth 1). The loop runs on a generator and
// calls behaviors directly; after every call that may have switched, the worker is looked up anew.

void worker::bind(carrier& c) noexcept {
  carrier_.store_release(&c);  // pairs with hurry_overdue()
  c.bound = this;
}

void worker::carry(carrier& c) noexcept {
  if (task* const before = std::exchange(preempted_, nullptr)) {
    home_.requeue(*before);
    end_preempted_turn(signal_ns_);
  }
  if (signal_ns_ != 0) look_soon();  // what the behavior has kept waiting may be anywhere
  generator_ = std::exchange(c.generator, nullptr);
  switch_to(c.root, *generator_);
}

void worker::loop(void*) noexcept {
  arrive();
  go_round();
}

void worker::go_round() noexcept {
  for (;;) {
    worker* const w = this_worker();
    if (w == nullptr) {  // the behavior went on without a worker, and has ended
      hand_over::finish(*this_carrier());
      step_off();
      continue;
    }
    w->current_ = nullptr;
    task* const t = w->next();
    if (t == nullptr) {
      hand_over::lay_down(*this_carrier());
      step_off();
    } else if (t->pinned.get() != nullptr) {
      w->resume(*t);
    } else {
      w->current_ = t;
      t->type.load_relaxed()->activate(*t);
    }
  }
}

/// Leaves the loop for the carrier's own stack. Returns when the carrier, as a spare, has been
/// given a worker.
void worker::step_off() noexcept {
  carrier& c = *this_carrier();
  switch_to(*c.generator, c.root);
  arrive();
}

/// The task that is next lives on another thread.
void worker::leave_for(carrier& heir) noexcept {
  carrier& c = *this_carrier();
  c.heir = &heir;
  c.generator = std::exchange(generator_, nullptr);
  step_off();
}

raw_generator* worker::make_loop(std::size_t stack_size) {
  return raw_generator::create(stack_size, &worker::loop, nullptr);
}

void worker::start_own_stack(void*) noexcept {
  arrive();
  task& t = *this_worker()->current_;
  t.type.load_relaxed()->activate(t);
  leave_own_stack();
  go_round();
}

/// The stack was for one actor, which has ended: the loop goes on on one of the system's size.
/// Returns when there is no memory for that.
void worker::leave_own_stack() noexcept {
  while (this_worker() == nullptr) {  // it has gone on without one: as in go_round
    hand_over::finish(*this_carrier());
    step_off();
  }
  worker* const w = this_worker();
  raw_generator& mine = *w->generator_;
  try {
    w->generator_ = &w->generators_.take();
  } catch (const std::system_error&) {
    return;
  }
  w->after_ = &discard;
  w->after_argument_ = &mine;
  finish(mine, *w->generator_);
}

void worker::discard(worker&, void* generator) noexcept {
  raw_generator::destroy(static_cast<raw_generator*>(generator));
}

raw_generator* worker::make_own_stack(std::size_t stack_size) {
  return raw_generator::create(stack_size, &worker::start_own_stack, nullptr, stack_use::actor);
}

void worker::arrive() noexcept {
  worker& w = *this_worker();
  if (const after_switch after = std::exchange(w.after_, nullptr)) after(w, w.after_argument_);
}

void worker::recycle(worker& w, void* generator) noexcept {
  w.generators_.give(*static_cast<raw_generator*>(generator));
}

void worker::resume(task& t) noexcept {
  if (carrier* const frozen = t.pinned.get()->frozen_on) return leave_for(*frozen);
  raw_generator& mine = *generator_;
  raw_generator& pinned = *t.pinned.get();
  t.pinned.set(nullptr);
  current_ = &t;
  generator_ = &pinned;
  after_ = &recycle;
  after_argument_ = &mine;
  switch_to(mine, pinned);
  arrive();  // a loop again, perhaps another worker's
}

}  // namespace troupe::detail

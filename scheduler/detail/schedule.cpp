// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/detail/schedule.hpp>

#include <troupe/base/section.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>
#include <troupe/scheduler/internal/visit.hpp>

namespace troupe::detail {
namespace {

bool commit_control_wait(task& t) noexcept { return t.control.try_park(); }

bool commit_yield(task& t) noexcept {
  this_worker()->push_yielded(t);
  return true;
}

}  // namespace

[[gnu::noinline]] task* current_task() noexcept {
  const section guard;
  const carrier* const c = this_carrier();
  if (c == nullptr) return nullptr;
  return c->bound != nullptr ? c->bound->current() : c->adrift;
}

[[gnu::noinline]] scheduler* current_scheduler() noexcept {
  const carrier* const c = this_carrier();
  return c != nullptr ? &c->home : nullptr;
}

[[gnu::noinline]] void schedule(task& t) noexcept {
  const section guard;
  worker* const w = this_worker();
  if (w != nullptr && &w->home() == t.home.load_relaxed()) {
    w->push(t);
  } else {
    schedule_elsewhere(t);
  }
}

[[gnu::noinline]] void schedule_behind(task& t) noexcept {
  const section guard;
  worker* const w = this_worker();
  if (w != nullptr && &w->home() == t.home.load_relaxed()) {
    w->push_behind(t);
  } else {
    schedule_elsewhere(t);
  }
}

void schedule_elsewhere(task& t) noexcept {
  {
    const visit guard;
    if (scheduler* const home = t.home.load_seq_cst()) {  // [visit]
      home->inject(t);
      return;
    }
  }
  // A dead actor of a system that is gone. The wake-up is ours, and with it the task, which needs
  // no scheduler of its own; but what runs now, perhaps in a section, must not run its destructors.
  if (worker* const w = this_worker()) {
    w->push_behind(t);
  } else {
    t.type.load_relaxed()->activate(t);
  }
}

[[gnu::noinline]] void suspend(commit_wait commit) { this_worker()->suspend(commit); }

void post_control(task& t, envelope& e) noexcept {
  const section guard;
  if (t.control.push(e) || t.mailbox.try_claim()) schedule(t);
}

void wait_for_control(const task& self) {
  if (!self.control.has_news()) suspend(&commit_control_wait);
}

void yield_now() {
  if (section_state > 0) return;  // not read again behind the switch
  const section_across_switch guard;
  worker* const w = this_worker();
  if (w == nullptr || w->current() == nullptr) return;
  if (w->others_wait()) w->suspend(&commit_yield);
}

[[gnu::noinline]] counted_call count_call() noexcept {
  const section guard;  // without taking a worker back
  const carrier* const c = this_carrier();
  if (c == nullptr) return {};
  worker* const w = c->bound;
  return w != nullptr ? counted_call{w->current(), w->note_call()} : counted_call{c->adrift, false};
}

}  // namespace troupe::detail

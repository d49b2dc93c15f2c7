// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/detail/wait.hpp>

#include <troupe/base/section.hpp>
#include <troupe/scheduler/detail/schedule.hpp>

#include <exception>
#include <stdexcept>

namespace troupe::detail {
namespace {

void deliver_timeout(task& target, envelope& parcel) noexcept { post_control(target, parcel); }

/// A control envelope without payload for this life of the task.
envelope* make_control(const task& self, envelope_kind kind, std::uint32_t id) {
  envelope* const e = acquire_envelope(0);
  e->kind = kind;
  e->request_id = id;
  e->target_generation = self.generation.load_relaxed();  // the running task's own
  return e;
}

task& require_task(task* running) {
  if (running == nullptr) {
    throw std::logic_error("troupe: this call waits, and must be made by a behavior or a job");
  }
  refuse_in_section();
  return *running;
}

void hear_news(task& self) {
  // Not in a condition of receive, which is in the middle of the news.
  if (self.awaited == 0 && self.control.has_news()) self.type.load_relaxed()->take_news(self);
  throw_if_ending(self);
}

}  // namespace

task& waiting_task() { return require_task(current_task()); }

task& begin_call() {
  const counted_call call = count_call();
  task& self = require_task(call.self);
  hear_news(self);
  if (call.yields) yield_now();
  return self;
}

void refuse_in_section() {
  if (section_state > 0) throw std::logic_error("troupe: a call that waits, within no_preempt");
}

void throw_unless_unwinding() {
  if (std::uncaught_exceptions() == 0) throw actor_exit{};
}

envelope_ptr make_wake(task& self, std::uint32_t id) {
  return envelope_ptr(make_control(self, envelope_kind::wake, id));
}

void refuse_nested(const task& self) {
  if (self.awaited == 0) return;
  throw std::logic_error(
      "troupe: a wait within another one (in a condition of receive, in on_dead_letter, or in a "
      "message's destructor)");
}

awaiting::awaiting(task& self, std::uint32_t id, std::uint64_t deadline_ns) : self_(self) {
  refuse_nested(self);
  self.answer = nullptr;
  if (deadline_ns != never_ns) {
    envelope_ptr parcel(make_control(self, envelope_kind::timeout, id));
    timer_ = arm_timer(*current_scheduler(), deadline_ns, self, *parcel, &deliver_timeout);
    static_cast<void>(parcel.release());  // the timer's now
  }
  self.awaited = id;
}

awaiting::~awaiting() {
  self_.awaited = 0;
  take_answer();
  cancel_timer(timer_);
}

envelope_ptr await_answer(task& self, std::uint32_t id, std::uint64_t deadline_ns,
                          bool unbreakable) {
  refuse_in_section();
  self.type.load_relaxed()->before_wait(self);
  awaiting scope(self, id, deadline_ns);
  for (;;) {
    if (self.control.has_news()) self.type.load_relaxed()->take_news(self);
    if (self.answer != nullptr) return scope.take_answer();
    if (!unbreakable) throw_if_ending(self);
    const section_across_switch guard;
    wait_for_control(self);
  }
}

std::error_code failure_of(envelope* answer) noexcept {
  switch (answer->kind) {
    case envelope_kind::timeout:
      return errc::timeout;
    case envelope_kind::failure:
      return answer->as<std::error_code>();
    default:
      return {};
  }
}

void yield_task(task& self) {
  hear_news(self);
  yield_now();
}

void sleep_until(std::uint64_t deadline_ns) {
  task& self = waiting_task();
  throw_if_ending(self);
  static_cast<void>(await_answer(self, self.next_request_id(), deadline_ns));
}

}  // namespace troupe::detail

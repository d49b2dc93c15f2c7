// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Waiting in the middle of a behavior: for the control envelope that answers a request id.

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/scheduler/actor_exit.hpp>
#include <troupe/scheduler/detail/task.hpp>
#include <troupe/scheduler/detail/timer.hpp>

#include <cstdint>
#include <memory>
#include <system_error>
#include <utility>

namespace troupe::detail {

/// The task that waits by the functions below: the running actor or job. Throws std::logic_error
/// when the calling thread runs neither.
task& waiting_task();

/// The running task, at the begin of a call that may wait. Throws std::logic_error when there is
/// none, and actor_exit when it has been asked to end: it hears of that although its calls never
/// have to wait, and now and then lets the worker's other tasks go first.
task& begin_call();

/// Throws std::logic_error within no_preempt: what waits begins with it.
void refuse_in_section();

/// Throws std::logic_error when the running task waits already, and code that its wait calls calls
/// this: await_answer() begins with it, and what must not be started for nothing.
void refuse_nested(const task& self);

/// Gives an envelope and its payload back.
struct envelope_discarder {
  void operator()(envelope* e) const noexcept { discard_envelope(*e); }
};
using envelope_ptr = std::unique_ptr<envelope, envelope_discarder>;

/// Waits until a control envelope answers `id`, which next_request_id() has given out; one of kind
/// `timeout` when the deadline passes first. Throws actor_exit when the actor is asked to end
/// meanwhile, unless `unbreakable`. Called by the running task, outside a section.
envelope_ptr await_answer(task& self, std::uint32_t id, std::uint64_t deadline_ns,
                          bool unbreakable = false);

/// What `answer` says instead of answering: errc::timeout, the error of a failure, no error else.
std::error_code failure_of(envelope* answer) noexcept;

/// What throw_if_ending() does then; but nothing while an exception unwinds the behavior: a
/// destructor that waits would end the process.
[[gnu::cold]] void throw_unless_unwinding();

/// Throws actor_exit when the actor has been asked to end: every waiting call begins with it.
inline void throw_if_ending(const task& self) {
  if (self.end_requested) throw_unless_unwinding();
}

/// Puts the running task behind every other runnable one; returns at once when there is none.
/// Throws actor_exit when the actor has been asked to end.
void yield_task(task& self);

/// Suspends the running task for at least that long. Throws actor_exit as await_answer does.
void sleep_until(std::uint64_t deadline_ns);

/// An envelope that ends `self`'s wait for `id` when it is posted to it: prepared beforehand by
/// whoever must not fail later.
envelope_ptr make_wake(task& self, std::uint32_t id);

/// Makes `awaited` the request whose answer ends the task's waits, with a time-out, for a scope.
class awaiting {
 public:
  awaiting(task& self, std::uint32_t id, std::uint64_t deadline_ns);
  ~awaiting();
  awaiting(const awaiting&) = delete;
  awaiting& operator=(const awaiting&) = delete;

  envelope_ptr take_answer() noexcept { return envelope_ptr(std::exchange(self_.answer, nullptr)); }

 private:
  task& self_;
  timer_ref timer_;
};

}  // namespace troupe::detail

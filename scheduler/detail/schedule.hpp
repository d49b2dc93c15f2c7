// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The door from the layers above to the worker that runs the calling code. Each function is out of
// line: it looks up the calling thread's worker afresh, so no caller can keep one across a wait.

#include <troupe/base/section.hpp>
#include <troupe/scheduler/detail/task.hpp>

namespace troupe::detail {

/// The task that runs on the calling thread; nullptr on a thread that carries no worker.
task* current_task() noexcept;

/// The scheduler whose worker the calling thread carries; nullptr where it carries none.
scheduler* current_scheduler() noexcept;

/// Makes a task runnable. The caller owns the wake-up (see task.hpp). On a worker of the task's own
/// scheduler it goes to that worker's LIFO slot, else to the injector. Any thread.
void schedule(task& t) noexcept;

/// As schedule(), but behind what is queued already, and where idle workers find it at once.
void schedule_behind(task& t) noexcept;

/// Makes a task runnable from a thread that carries no worker of its scheduler. A task whose
/// scheduler is gone (a dead actor's) is activated right here. Called within a section, which that
/// leaves for a while.
void schedule_elsewhere(task& t) noexcept;

/// Puts `e` into the task's control lane and makes the task runnable if it waits or is idle. Never
/// fails. Any thread.
void post_control(task& t, envelope& e) noexcept;

/// Suspends the running task. Runs `commit(task)` once the task can be resumed by another thread:
/// true means that a wake-up is under way or will come, false that the task must go on at once.
/// `commit` runs in a section on another stack and must not throw.
/// Called within a section on a worker; returns within a section, perhaps on another worker.
/// Throws std::system_error, with nothing changed, when no stack is to be had for the worker.
using commit_wait = bool (*)(task&) noexcept;
void suspend(commit_wait commit);

/// Suspends the running task, `self`, until its control lane holds something; returns at once when
/// it does. Called within a section on a worker.
void wait_for_control(const task& self);

/// Puts the running task behind every other runnable one. Returns at once when there is none.
/// Does nothing in a section (a user's no_preempt), and on a thread that carries no worker.
void yield_now();

/// Counts a call of the running task that may wait.
struct counted_call {
  task* self = nullptr;  ///< as current_task()
  bool yields = false;   ///< every 16th one since the task was resumed is to call yield_now(): one
                         ///< that never has to wait shares its worker all the same
};
counted_call count_call() noexcept;

/// Enters a section in which the calling thread, if it is a carrier, has a worker: one that goes on
/// without waits for one (rule R4).
void enter_worker_section() noexcept;

/// A worker section, left at the end of a scope that may contain a switch, also when a wait throws.
struct section_across_switch {
  section_across_switch() noexcept { enter_worker_section(); }
  ~section_across_switch() { leave_section(); }
  section_across_switch(const section_across_switch&) = delete;
  section_across_switch& operator=(const section_across_switch&) = delete;
};

}  // namespace troupe::detail

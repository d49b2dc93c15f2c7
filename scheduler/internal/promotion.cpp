// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/switch.hpp>
#include <troupe/scheduler/internal/worker.hpp>

namespace troupe::detail {

// Promotion (design, section 3): the generator that a behavior happens to run on, loop frames and
// all, is pinned to its task, and the worker goes on with another one. When the behavior returns
// there, the loop below it carries on as the loop of whichever worker it is then.

void worker::suspend(bool (*commit)(task&) noexcept) {
  raw_generator& next = generators_.take();  // may throw: nothing has changed yet
  raw_generator& mine = *generator_;
  task& waiting = *current_;
  waiting.pinned.set(&mine);
  current_ = nullptr;
  generator_ = &next;
  commit_ = commit;
  after_ = &publish;
  after_argument_ = &waiting;
  switch_to(mine, next);
  arrive();  // resumed: give the generator that resumed us back to its pool
}

void worker::publish(worker& w, void* waiting) noexcept {
  auto& t = *static_cast<task*>(waiting);
  // After a true answer the task may already run elsewhere, or be gone.
  if (!w.commit_(t)) w.run_next_ = &t;
}

}  // namespace troupe::detail

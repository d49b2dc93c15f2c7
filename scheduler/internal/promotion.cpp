// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/sanitizer.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/switch.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <cstdint>

namespace troupe::detail {
namespace {

constexpr std::uint32_t many_waiting = 4;  // arbitrary: what few touch stays near

}  // namespace

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
  w.foresee();
}

/// Where many behaviors wait in the middle, each has perhaps been left long ago. So while the next
/// one runs, what the two behind it will touch comes near: with a thousand connections that saves a
/// sixteenth of a request.
void worker::foresee() noexcept {
  // A data race, and a harmless one, as what is read is only used to prefetch: a thief may run
  // those tasks, or they may be long gone. Tasks and stacks lie in memory that stays.
  if constexpr (TROUPE_TSAN || TROUPE_ASAN) return;
  auto& waiting = rings_[static_cast<std::size_t>(priority::normal)];
  if (waiting.size() < many_waiting) return;
  const auto generator_of = [](const task* t) { return t != nullptr ? t->pinned.peek() : nullptr; };
  const raw_generator* const third = generator_of(waiting.guess_next(2));
  if (third != nullptr) third->prefetch();
  const raw_generator* const second = generator_of(waiting.guess_next(1));
  if (second != nullptr) second->prefetch_stack();
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/switch.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <utility>

namespace troupe::detail {

// The loop and everything it calls run in a section (depth 1). The loop runs on a generator and
// calls behaviors directly; after every call that may have switched, the worker is looked up anew.

void worker::run(carrier& c) {
  carrier_ = &c;
  generator_ = &generators_.take();
  switch_to(c.root, *generator_);
  // Stopped: the loop has left the generator at its top.
  generators_.give(*std::exchange(generator_, nullptr));
}

void worker::loop(void*) noexcept {
  arrive();
  for (;;) {
    worker& w = *this_worker();
    w.current_ = nullptr;
    task* const t = w.next();
    if (t == nullptr) {
      switch_to(*w.generator_, w.carrier_->root);  // never comes back
    } else if (t->pinned != nullptr) {
      w.resume(*t);
    } else {
      w.current_ = t;
      t->type.load_relaxed()->activate(*t);
    }
  }
}

void worker::start_own_stack(void*) noexcept {
  arrive();
  task& t = *this_worker()->current_;
  t.type.load_relaxed()->activate(t);
  loop(nullptr);
}

raw_generator* worker::make_own_stack(std::size_t stack_size) {
  return raw_generator::create(stack_size, &worker::start_own_stack, nullptr);
}

void worker::arrive() noexcept {
  worker& w = *this_worker();
  if (const after_switch after = std::exchange(w.after_, nullptr)) after(w, w.after_argument_);
}

void worker::recycle(worker& w, void* generator) noexcept {
  w.generators_.give(*static_cast<raw_generator*>(generator));
}

void worker::resume(task& t) noexcept {
  raw_generator& mine = *generator_;
  raw_generator& pinned = *std::exchange(t.pinned, nullptr);
  current_ = &t;
  generator_ = &pinned;
  after_ = &recycle;
  after_argument_ = &mine;
  switch_to(mine, pinned);
  arrive();  // a loop again, perhaps another worker's
}

}  // namespace troupe::detail

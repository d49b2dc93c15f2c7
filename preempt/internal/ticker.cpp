// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/ticker.hpp>

#include <troupe/preempt/internal/runtime_thread.hpp>
#include <troupe/preempt/internal/watch.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <chrono>

namespace troupe::detail {

void ticker::start() {
  const std::scoped_lock hold(starting_);
  if (thread_.joinable() || stopping_.load_seq_cst()) return;
  thread_ = start_runtime_thread("raises signals", "preemption_options::source", [this] { run(); });
}

void ticker::stop() noexcept {
  const std::scoped_lock hold(starting_);
  stopping_.store_seq_cst(true);
  if (!thread_.joinable()) return;
  door_.open();
  thread_.join();
}

void ticker::run() noexcept {
  while (!stopping_.load_seq_cst()) {
    if (!interrupt_armed()) {
      asleep_.store_seq_cst(true);           // [tick]
      if (!interrupt_armed()) door_.pass();  // [tick]
      asleep_.store_seq_cst(false);
    }
    door_.pass_within(period_ns_.load_relaxed());
  }
}

/// Whether there was any.
bool ticker::interrupt_armed() noexcept {
  bool any = false;
  home_.carriers().for_each([&](carrier& c) {
    auto& w = static_cast<watch&>(*c.watch);
    if (!w.armed.load_seq_cst() || !w.needs_interrupts()) return;  // [tick]
    any = true;
    w.interrupt();
  });
  return any;
}

}  // namespace troupe::detail

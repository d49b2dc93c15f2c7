// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/monitor.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/preempt/internal/runtime_thread.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/preempt/internal/watch.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <algorithm>
#include <utility>

namespace troupe::detail {

void monitor::start() {
  thread_ = start_runtime_thread("troupe-monitor", "watches the carriers",
                                 "preemption_options::mode", [this] { run(); });
}

void monitor::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_.store_release(true);  // pairs with run()
  door_.open();
  thread_.join();
}

void monitor::run() noexcept {
  while (!stopping_.load_acquire()) {  // pairs with stop()
    const bool frozen = some_are_frozen();
    if (frozen) look_for_deaf();
    if (interrupt_armed() || rest(frozen)) door_.pass_within(watcher_.period_ns());
  }
}

/// Until it is called, or, while behaviors are frozen or have just been, for a moment. Whether some
/// carrier is to be interrupted in a period.
bool monitor::rest(bool frozen) noexcept {
  idle_.store_seq_cst(true);  // [tick]
  if (interrupt_armed()) {    // [tick]
    idle_.store_seq_cst(false);
    return true;
  }
  if (frozen) {
    door_.pass_within(standing_still_ns);
  } else {
    asleep_.store_seq_cst(true);                                  // [watch]
    if (home_.counts().frozen.load_seq_cst() == 0) door_.pass();  // [watch]
    asleep_.store_seq_cst(false);
  }
  return !idle_.exchange_seq_cst(false);  // [tick] called meanwhile
}

/// Or have been since it was last asked; or are meant to go on until nobody is deaf.
bool monitor::some_are_frozen() noexcept {
  const bool any_since = any_frozen_.load_relaxed();  // a hint
  any_frozen_.store_relaxed(false);
  return any_since || some_are_deaf() || home_.counts().frozen.load_relaxed() != 0;  // [count]
}

/// Whether there was any.
bool monitor::interrupt_armed() noexcept {
  bool any = false;
  home_.carriers().for_each([&](carrier& c) {
    auto& w = static_cast<watch&>(*c.watch);
    if (!w.armed.load_seq_cst() || !w.needs_interrupts()) return;  // [tick]
    any = true;
    w.interrupt();
  });
  return any;
}

/// Of the carriers' timers: they keep the former one until they expire, when it becomes shorter.
std::uint64_t monitor::longest_period_ns(std::uint64_t now) noexcept {
  if (const std::uint64_t present = watcher_.period_ns(); present != period_ns_) {
    former_period_ns_ = std::exchange(period_ns_, present);
    former_until_ns_ = now + former_period_ns_;
  }
  return now < former_until_ns_ ? std::max(former_period_ns_, period_ns_) : period_ns_;
}

void monitor::look_for_deaf() noexcept {
  const std::uint64_t now = now_ns();
  if (now - looked_ns_ < standing_still_ns / 2) return;
  looked_ns_ = now;
  const std::uint64_t patience = std::max(standing_still_ns, 4 * longest_period_ns(now));
  bool any = false;
  home_.carriers().for_each([&](carrier& c) {
    if (static_cast<watch&>(*c.watch).is_deaf(now, patience)) any = true;
  });
  some_deaf_.store_relaxed(any);  // first: those who are let go look at it
  if (any) home_.rescue();
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/recruiter.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/preempt/internal/runtime_thread.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/preempt/internal/watch.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

namespace troupe::detail {

void recruiter::start() {
  thread_ =
      start_runtime_thread("keeps spare carriers", "preemption_options::mode", [this] { run(); });
}

void recruiter::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_.store_release(true);
  door_.open();
  thread_.join();
}

void recruiter::call() noexcept {
  if (!called_.exchange_acq_rel(true)) door_.open();  // pairs with run()
}

void recruiter::run() noexcept {
  while (true) {
    wait();
    if (stopping_.load_acquire()) return;
    if (called_.load_acquire()) keep_spares();
    if (home_.counts().frozen.load_relaxed() != 0) look_for_deaf();  // [count]
  }
}

/// Until it is called, or, while behaviors are frozen or have just been, for a moment.
void recruiter::wait() noexcept {
  const bool any_since = any_frozen_.exchange_seq_cst(false);    // [watch]
  if (any_since || home_.counts().frozen.load_relaxed() != 0) {  // [count]
    door_.pass_within(standing_still_ns);
    return;
  }
  asleep_.store_seq_cst(true);                    // [watch]
  if (!any_frozen_.load_seq_cst()) door_.pass();  // [watch]
  asleep_.store_seq_cst(false);
}

void recruiter::keep_spares() noexcept {
  // More than one for each worker: while one is on its way back, the next is wanted.
  const std::size_t wanted = home_.worker_count() + 1;
  for (std::size_t n = home_.counts().spare.load_relaxed(); n < wanted; ++n) {  // [count]
    if (!recruit()) break;
  }
  called_.store_release(false);  // a call that comes too early comes again: handlers try again
}

void recruiter::look_for_deaf() noexcept {
  const std::uint64_t patience = std::max(standing_still_ns, 4 * watcher_.period_ns());
  const std::uint64_t now = now_ns();
  bool any = false;
  home_.carriers().for_each([&](carrier& c) {
    if (static_cast<watch&>(*c.watch).is_deaf(now, patience)) any = true;
  });
  if (any) home_.rescue();
}

/// False: there is none to be had now.
bool recruiter::recruit() noexcept {
  if (home_.carriers().is_full()) {
    if (home_.counts().spare.load_relaxed() == 0) {  // [count]
      warn(
          "all carriers are in use, so behaviors are left to run beyond their quantum (setting: "
          "preemption_options::max_carriers)");
    }
    return false;
  }
  try {
    home_.carriers().start(nullptr, &watcher_);
    return true;
  } catch (const std::exception& e) {
    warn(e.what());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // the next call may come at once
    return false;
  }
}

void recruiter::warn(const char* text) noexcept {
  if (warned_) return;
  warned_ = true;
  std::fprintf(stderr, "troupe: no spare carrier: %s\n", text);
}

}  // namespace troupe::detail

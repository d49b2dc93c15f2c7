// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/recruiter.hpp>

#include <troupe/preempt/internal/runtime_thread.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

namespace troupe::detail {

void recruiter::start() {
  thread_ = start_runtime_thread("troupe-spares", "keeps spare carriers",
                                 "preemption_options::mode", [this] { run(); });
}

void recruiter::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_.store_release(true);  // pairs with run()
  door_.open();
  thread_.join();
}

void recruiter::call() noexcept {
  if (!called_.exchange_acq_rel(true)) door_.open();  // pairs with run()
}

void recruiter::run() noexcept {
  for (;;) {
    door_.pass();
    if (stopping_.load_acquire()) return;       // pairs with stop()
    if (called_.load_acquire()) keep_spares();  // pairs with call()
  }
}

void recruiter::keep_spares() noexcept {
  // More than one for each worker: while one is on its way back, the next is wanted.
  const std::size_t wanted = home_.worker_count() + 1;
  for (std::size_t n = home_.counts().spare.load_relaxed(); n < wanted; ++n) {  // [count]
    if (!recruit()) break;
  }
  called_.store_release(false);  // a call that comes too early comes again: handlers try again
}

/// False: there is none to be had now.
bool recruiter::recruit() noexcept {
  if (home_.carriers().is_full()) {
    if (home_.counts().spare.load_relaxed() == 0) {  // [count]
      warn(warned_of_bound_,
           ("all " + std::to_string(home_.carriers().most()) +
            " carriers are in use, so behaviors are left to run beyond their quantum, and what has "
            "no carrier yet waits (setting: "
            "preemption_options::max_carriers)")
               .c_str());
    }
    return false;
  }
  try {
    home_.carriers().start(nullptr, &watcher_);
    return true;
  } catch (const std::exception& e) {
    warn(warned_of_threads_, e.what());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // the next call may come at once
    return false;
  }
}

void recruiter::warn(bool& warned, const char* text) noexcept {
  if (std::exchange(warned, true)) return;
  std::fprintf(stderr, "troupe: no spare carrier: %s\n", text);
}

}  // namespace troupe::detail

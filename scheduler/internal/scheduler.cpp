// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/scheduler.hpp>

#include <troupe/scheduler/internal/carrier.hpp>

#include <string>
#include <system_error>
#include <utility>

namespace troupe::detail {

scheduler::scheduler(options o) : options_(std::move(o)), idle_(options_.workers) {
  workers_.reserve(options_.workers);
  for (std::size_t i = 0; i < options_.workers; ++i) {
    workers_.push_back(std::make_unique<worker>(*this, static_cast<std::uint32_t>(i),
                                                options_.stack_size, options_.make_poller(i)));
  }
}

scheduler::~scheduler() { stop(); }

void scheduler::start() {
  carriers_.reserve(workers_.size());
  try {
    for (auto& w : workers_) start_carrier(*w);
  } catch (...) {
    stop();
    throw;
  }
}

/// Whatever may fail fails here, not on the new thread, where nobody could hear of it.
void scheduler::start_carrier(worker& w) {
  stack_ptr signal_stack = make_signal_stack();
  try {
    carriers_.emplace_back(
        [&w, memory = std::move(signal_stack)]() mutable { carrier(w, std::move(memory)).run(); });
  } catch (const std::system_error& e) {
    throw std::system_error(e.code(), "troupe: thread " + std::to_string(carriers_.size() + 1) +
                                          " of " + std::to_string(workers_.size()) +
                                          " could not be started (limits: RLIMIT_NPROC, "
                                          "kernel.threads-max, cgroup pids.max; setting: "
                                          "system_options::workers)");
  }
}

void scheduler::stop() noexcept {
  stopping_.store_seq_cst(true);  // before the wake-ups: a worker that parks later sees it
  for (auto& w : workers_) w->wake();
  for (auto& c : carriers_) c.join();
  carriers_.clear();
}

void scheduler::inject(task& t) noexcept {
  injected_.push(&t);
  if (idle_.worth_waking()) wake_one();  // [park]
}

void scheduler::wake_one() noexcept {
  if (worker* const w = idle_.take_one()) w->wake();
}

}  // namespace troupe::detail

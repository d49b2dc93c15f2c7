// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/long_behavior_reporter.hpp>

#include <troupe/preempt/internal/runtime_thread.hpp>
#include <troupe/preempt/internal/stack_trace.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace troupe::detail {
namespace {

long_behavior report_of(const long_run& found) {
  return {.id = found.id,
          .name = std::string(found.name.view()),
          .type = std::string(found.type.view()),
          .ran = std::chrono::nanoseconds(found.ran_ns),
          .stack = stack_trace(found.stack)};
}

/// In one piece: the lines of several reports do not mix.
void print(const long_behavior& b) {
  std::array<char, 32> time{};
  std::snprintf(time.data(), time.size(), "%.3f", std::chrono::duration<double>(b.ran).count());
  const std::string who = b.id == 0 ? "a job"
                                    : "actor " + std::to_string(b.id & 0xffffffff) + " '" + b.name +
                                          "' (" + b.type + ")";
  std::string text = "troupe: " + who + " has run for " + time.data() + " s without waiting\n";
  for (const std::string& frame : b.stack) text += "troupe:   " + frame + '\n';
  std::fputs(text.c_str(), stderr);
}

}  // namespace

void long_behavior_reporter::start() {
  thread_ = start_runtime_thread("troupe-reports", "reports long behaviors",
                                 "preemption_options::warn_after", [this] { run(); });
}

void long_behavior_reporter::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_.store_release(true);  // pairs with run()
  source_.wake();
  thread_.join();
}

void long_behavior_reporter::run() noexcept {
  for (;;) {
    source_.await();
    if (const long_run* const found = source_.get()) {
      tell(*found);
      source_.done();
    }
    if (stopping_.load_acquire()) return;  // pairs with stop()
  }
}

void long_behavior_reporter::tell(const long_run& found) noexcept {
  try {
    const long_behavior report = report_of(found);
    if (hook_) {
      hook_(report);
    } else {
      print(report);
    }
  } catch (...) {  // documented: what the hook throws is dropped
  }
  if (source_.is_full()) {  // not seen again: nothing is found from now on
    std::fputs(
        "troupe: behaviors of 256 types have run for too long; no more of them are reported "
        "(setting: preemption_options::warn_after)\n",
        stderr);
  }
}

}  // namespace troupe::detail

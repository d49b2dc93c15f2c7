// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/worker.hpp>

#include <cstdint>

namespace troupe::detail {

/// How long the behavior at hand has run: since its activation began or it last waited, summed over
/// the times when its carrier had a worker. Belongs to a carrier's thread and its signal handler.
class behavior_time {
 public:
  /// Another one begins.
  void begin(std::uint64_t now) noexcept {
    before_ns_ = 0;
    since_ns_ = now;
    thawed_ = counted_ = settled_ = false;
  }
  /// It is stopped, or goes on without a worker.
  void pause(std::uint64_t now) noexcept { before_ns_ += now - since_ns_; }
  /// How long it had run when it was paused.
  std::uint64_t before_ns() const noexcept { return before_ns_; }
  void go_on(std::uint64_t now) noexcept {
    since_ns_ = now;
    thawed_ = true;
  }

  /// The time so far. In no section, while a behavior of `w` runs.
  std::uint64_t look(const worker& w, std::uint64_t now) noexcept {
    // A wait that found at once what it waited for, and a yield when nobody wanted a turn, do not
    // count as turns of the worker. But they leave these traces.
    const std::uint32_t waits = w.current()->last_request;
    const std::uint32_t yields = w.turns_until_look();
    // While it was stopped, the worker went on, or has become another one.
    if (waits != seen_waits_ || (yields != seen_yields_ && !thawed_)) begin(now);
    seen_waits_ = waits;
    seen_yields_ = yields;
    thawed_ = false;
    return before_ns_ + (now - since_ns_);
  }

  /// True once: the behavior has not been counted as a long one.
  bool count() noexcept {
    const bool first = !counted_;
    counted_ = true;
    return first;
  }
  /// Whether there is nothing more to be said about it.
  bool is_settled() const noexcept { return settled_; }
  void settle() noexcept { settled_ = true; }

 private:
  std::uint64_t before_ns_ = 0;
  std::uint64_t since_ns_ = 0;
  std::uint32_t seen_waits_ = 0;
  std::uint32_t seen_yields_ = 0;
  bool thawed_ = false;  // and not looked at since
  bool counted_ = false;
  bool settled_ = false;
};

}  // namespace troupe::detail

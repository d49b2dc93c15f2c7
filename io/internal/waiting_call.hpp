// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the calls that may wait have in common.

#include <troupe/base/clock.hpp>
#include <troupe/io/internal/readiness.hpp>
#include <troupe/io/internal/socket_limits.hpp>
#include <troupe/scheduler/detail/task.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>

namespace troupe::io::detail {

/// When a call is to give up. The clock is read when the call first has to wait, or is about to
/// receive a second time: most never do.
class time_limit {
 public:
  explicit time_limit(std::chrono::nanoseconds limit) noexcept
      : limit_(limit), ends_waits_only_(limit.count() <= 0) {}
  std::uint64_t deadline_ns() noexcept {
    if (limit_ != no_limit) {
      deadline_ns_ = troupe::detail::deadline_after(troupe::detail::now_ns(), limit_);
      limit_ = no_limit;
    }
    return deadline_ns_;
  }

  /// Before each receive of a call: whether its time is over. Never before the first one; further
  /// ones never have to wait if the peer always has sent something, and do not get around the limit
  /// by that. One of zero or less ends waits only: all that is there is read.
  bool is_over_before_receive() noexcept {
    if (!has_received_) {
      has_received_ = true;
      return false;
    }
    const std::uint64_t deadline = deadline_ns();
    return deadline != troupe::detail::never_ns && !ends_waits_only_ &&
           troupe::detail::now_ns() >= deadline;
  }

 private:
  std::chrono::nanoseconds limit_;
  std::uint64_t deadline_ns_ = troupe::detail::never_ns;
  bool ends_waits_only_;
  bool has_received_ = false;
};

using troupe::detail::begin_call;

/// Suspends the running task until `r`, which it has cleared, is ready: no error; or until
/// `deadline_ns`: errc::timeout. Throws actor_exit, unless `unbreakable`, and std::logic_error when
/// somebody else waits for it.
std::error_code await_ready(readiness& r, troupe::detail::task& self, std::uint64_t deadline_ns,
                            bool unbreakable = false);

/// As above, until at least one of them is ready. The first one ends the wait; those that report
/// later are ready, too.
std::error_code await_any_ready(std::span<readiness* const> all, troupe::detail::task& self,
                                std::uint64_t deadline_ns);

/// Makes `r` ready, and so ends the wait of a behavior, if one waits. Never fails. Any thread.
void end_wait(readiness& r) noexcept;

/// Throws the std::logic_error for two waits at once.
[[noreturn]] void throw_waited_for();

/// Throws `error`, if it is one, as a std::system_error.
void throw_if(const std::error_code& error, const char* what);

}  // namespace troupe::io::detail

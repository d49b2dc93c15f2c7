// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <ctime>

namespace troupe::detail {

/// A kernel timer that raises a signal on one thread. Created and destroyed by that thread; the
/// rest may also be called in its signal handler.
class carrier_timer {
 public:
  enum class clock { real, thread_cpu };

  carrier_timer() noexcept = default;
  ~carrier_timer() { destroy(); }
  carrier_timer(const carrier_timer&) = delete;
  carrier_timer& operator=(const carrier_timer&) = delete;

  /// For the calling thread. False: the kernel has none left (RLIMIT_SIGPENDING).
  [[nodiscard]] bool create(clock measured, int signal) noexcept;
  void destroy() noexcept;
  bool exists() const noexcept { return exists_; }

  /// The signal comes after `first_ns`, and then each `period_ns` (0: only once).
  void set(std::uint64_t first_ns, std::uint64_t period_ns) noexcept;
  void stop() noexcept;
  /// When it expires for the first time since it was set, by now_ns().
  std::uint64_t first_due_ns() const noexcept { return first_ns_; }
  /// After that, again and again.
  std::uint64_t period_ns() const noexcept { return period_ns_; }
  /// When it expired, by now_ns(), if its signal has just been taken. `overruns`: how often it has
  /// expired again meanwhile, as the signal says.
  std::uint64_t expired_ns(std::uint64_t now, std::uint64_t overruns) const noexcept;

 private:
  bool exists_ = false;
  bool set_ = false;  // not stopped since; it may have run out
  std::uint64_t period_ns_ = 0;
  std::uint64_t first_ns_ = 0;
  timer_t timer_{};
};

}  // namespace troupe::detail

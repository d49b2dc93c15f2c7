// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::detail {

/// Steady time in nanoseconds; what every deadline of the runtime is measured in.
inline std::uint64_t now_ns() noexcept {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

inline constexpr std::uint64_t never_ns = UINT64_MAX;

/// That long in nanoseconds; what is beyond their range is as long as they go.
template <class Duration>
constexpr std::chrono::nanoseconds saturated(const Duration& wait) noexcept {
  using std::chrono::nanoseconds;
  if constexpr (requires { typename Duration::period; }) {
    using precise = std::chrono::duration<long double, std::nano>;
    if (precise(wait) >= precise(nanoseconds::max())) return nanoseconds::max();
    if (precise(wait) <= precise(nanoseconds::min())) return nanoseconds::min();
  }
  return wait;
}

/// The deadline that lies `wait` from `now`; a negative wait is over at once, and one beyond the
/// clock's range is never over.
inline std::uint64_t deadline_after(std::uint64_t now, std::chrono::nanoseconds wait) noexcept {
  if (wait.count() <= 0) return now;
  const auto delta = static_cast<std::uint64_t>(wait.count());
  return delta >= never_ns - now ? never_ns : now + delta;
}

/// The deadline that a caller means by that wait from now; nanoseconds::max() is no deadline.
inline std::uint64_t deadline_from_now(std::chrono::nanoseconds wait) noexcept {
  if (wait == std::chrono::nanoseconds::max()) return never_ns;
  return deadline_after(now_ns(), wait);
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/clock.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>

namespace troupe::io {

/// A moment of the steady clock, given as such or as a time from now.
class deadline {
 public:
  /// One that never comes.
  constexpr deadline() noexcept = default;
  /// time_point::max() never comes; the past has come.
  /*implicit*/ deadline(std::chrono::steady_clock::time_point at) noexcept;
  /// That long from this call; nanoseconds::max() and what is longer never comes, and a negative
  /// time is over.
  template <class Duration>
  requires std::convertible_to<Duration, std::chrono::nanoseconds>
  /*implicit*/ deadline(Duration wait)
  noexcept : ns_(troupe::detail::deadline_from_now(troupe::detail::saturated(wait))) {}

  /// Nanoseconds of the steady clock; UINT64_MAX never comes.
  constexpr std::uint64_t ns() const noexcept { return ns_; }

 private:
  std::uint64_t ns_ = troupe::detail::never_ns;
};

inline deadline::deadline(std::chrono::steady_clock::time_point at) noexcept {
  if (at == std::chrono::steady_clock::time_point::max()) return;
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch());
  ns_ = since.count() <= 0 ? 0 : static_cast<std::uint64_t>(since.count());
}

}  // namespace troupe::io

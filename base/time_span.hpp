// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/clock.hpp>

#include <chrono>
#include <concepts>

namespace troupe {

/// How long: any duration of std::chrono that a number of nanoseconds can tell. What is longer than
/// these go, such as hours::max(), is as long as they go, where a conversion would overflow.
class time_span {
 public:
  template <class Duration>
  requires std::convertible_to<Duration, std::chrono::nanoseconds>
  /*implicit*/ constexpr time_span(Duration length) noexcept : length_(detail::saturated(length)) {}

  /*implicit*/ constexpr operator std::chrono::nanoseconds() const noexcept { return length_; }

 private:
  std::chrono::nanoseconds length_;
};

}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/base/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe::io::detail {

inline constexpr std::chrono::nanoseconds no_limit = std::chrono::nanoseconds::max();

/// How long the calls of a socket may wait.
class socket_limits {
 public:
  std::chrono::nanoseconds read = no_limit;   ///< the reader's
  std::chrono::nanoseconds write = no_limit;  ///< the writer's

  void reset() noexcept {
    read = write = no_limit;
    limit_idleness(no_limit);
    moved_ns_.store_relaxed(0);
  }

  /// Something has to move in either direction within `limit`, if it is not no_limit.
  void limit_idleness(std::chrono::nanoseconds limit) noexcept {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(limit.count(), 0));
    idle_ns_.store_relaxed(limit == no_limit ? troupe::detail::never_ns : ns);  // see below
  }
  bool limits_idleness() const noexcept {
    return idle_ns_.load_relaxed() != troupe::detail::never_ns;
  }
  void note_movement() noexcept {
    if (limits_idleness()) moved_ns_.store_relaxed(troupe::detail::now_ns());
  }
  /// When a wait that began at `began_ns` has seen nothing move for too long.
  std::uint64_t idle_deadline(std::uint64_t began_ns) const noexcept {
    const std::uint64_t limit = idle_ns_.load_relaxed();
    const std::uint64_t since = std::max(began_ns, moved_ns_.load_relaxed());
    return limit >= troupe::detail::never_ns - since ? troupe::detail::never_ns : since + limit;
  }

 private:
  // Relaxed: reader and writer may both set and read them, and publish nothing by them.
  troupe::detail::atomic<std::uint64_t> idle_ns_{troupe::detail::never_ns};  ///< never_ns: none
  troupe::detail::atomic<std::uint64_t> moved_ns_{0};  ///< kept up to date while there is one
};

}  // namespace troupe::io::detail

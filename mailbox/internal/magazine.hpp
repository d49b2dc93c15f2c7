// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>

#include <cstdint>

namespace troupe::detail {

/// A batch of free slots on its way between a cache and the depot (Bonwick and Adams, "Magazines
/// and Vmem", 2001). An array of pointers rather than a list through the slots: taking a slot must
/// not wait for a cache line that another core wrote last.
///
/// Owned by one cache, or by the depot list it is in. Magazines are never freed.
struct magazine {
#ifdef TROUPE_MODEL_CHECK
  static constexpr std::uint32_t capacity = 1;
#else
  static constexpr std::uint32_t capacity = 62;  // fills 512 bytes together with the header
#endif

  std::uint32_t count = 0;
  std::uint32_t index = 0;         ///< its own place in the magazine table, constant
  atomic<std::uint32_t> below{0};  ///< the magazine below it in a list; 0: none
  void* rounds[capacity] = {};
};

}  // namespace troupe::detail

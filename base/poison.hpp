// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/sanitizer.hpp>

#include <cstddef>

#if TROUPE_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace troupe::detail {

/// Tells AddressSanitizer that pooled memory is free, so that a use after release is reported
/// although the memory never goes back to the allocator. Does nothing in other builds. Any thread.
inline void poison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if TROUPE_ASAN
  __asan_poison_memory_region(memory, size);
#endif
}

/// Tells it that the memory is in use again, before it is touched. Any thread.
inline void unpoison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if TROUPE_ASAN
  __asan_unpoison_memory_region(memory, size);
#endif
}

}  // namespace troupe::detail

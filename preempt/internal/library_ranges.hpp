// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

namespace troupe::detail {

/// Where the code of libraries lies that hold process-wide locks for an instant (malloc, stdio, the
/// dynamic linker, the unwinder): a thread stopped there might stop all others (design, section 4).

/// Looks at what is loaded. Not in a signal handler; any thread. What was found before stays.
void collect_library_ranges();

/// Whether the C library was among them. It is not where it is linked statically.
bool knows_c_library() noexcept;

/// Any thread, also in a signal handler.
bool in_locking_library(std::uintptr_t program_counter) noexcept;

}  // namespace troupe::detail

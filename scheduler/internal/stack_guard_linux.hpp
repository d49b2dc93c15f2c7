// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>

namespace troupe::detail {

/// Makes `size` bytes at the page-aligned address `low` fault on every access. Returns 0 or an
/// errno value. A type, so that tests can put a failing or an old kernel's way in its place.
using guard_installer = int (*)(void* low, std::size_t size) noexcept;

/// MADV_GUARD_INSTALL where the kernel has it (6.13; it does not split the mapping), else mprotect.
int install_guard(void* low, std::size_t size) noexcept;

/// The way of older kernels: each guard splits its mapping in two.
int install_guard_mprotect(void* low, std::size_t size) noexcept;

/// Throws std::system_error for a failed guard_installer: names the limit that has run out, its
/// current value, and how to raise it.
[[noreturn]] void throw_guard_error(int error);

/// Throws std::system_error for a failed mmap of `bytes` of stacks, as above.
[[noreturn]] void throw_stack_memory_error(int error, std::size_t bytes);

/// Bytes in a page of this machine.
std::size_t page_size() noexcept;

}  // namespace troupe::detail

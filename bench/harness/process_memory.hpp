// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

namespace troupe::bench {

/// Resident memory of this process in bytes, exact: the kernel walks the page tables, which takes
/// milliseconds when there is much of it.
[[nodiscard]] std::uint64_t resident_bytes();

/// As resident_bytes(), from the kernel's counters: quick, but up to some 100 KB off.
[[nodiscard]] std::uint64_t resident_bytes_roughly();

/// resident_bytes() once it stands still: what was started a moment ago has come to rest.
[[nodiscard]] std::uint64_t settled_resident_bytes();

/// The same of another process. Throws std::runtime_error when it cannot be looked at.
[[nodiscard]] std::uint64_t settled_resident_bytes_of(std::uint64_t process);

/// The largest resident memory this process ever had, in bytes.
[[nodiscard]] std::uint64_t peak_resident_bytes();

/// What the kernel spends on this process's page tables, in bytes.
[[nodiscard]] std::uint64_t page_table_bytes();

/// How many memory mappings this process has.
[[nodiscard]] std::uint64_t mapping_count();

[[nodiscard]] constexpr double megabytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/detail/unique_id.hpp>

#include <troupe/base/atomic.hpp>

namespace troupe::io::detail {
namespace {

constinit troupe::detail::atomic<std::uint64_t> last{0};

}  // namespace

std::uint64_t next_unique_number() noexcept {
  return last.fetch_add_relaxed(1) + 1;  // only to be unique; 2^64 of them are never used up
}

}  // namespace troupe::io::detail

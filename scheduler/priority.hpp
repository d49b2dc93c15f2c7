// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

namespace troupe {

/// Which runnable actors go first. A lower priority is never starved: of every eight turns of a
/// worker, one asks the low queue first and one the normal queue.
enum class priority : std::uint8_t { high, normal, low };

namespace detail {
inline constexpr int priorities = 3;
}

}  // namespace troupe

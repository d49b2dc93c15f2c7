// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

namespace troupe::torture {

/// Keeps the processor busy: a nanosecond or less a round.
inline void labor(std::uint64_t rounds) {
  while (rounds-- > 0) asm volatile("");
}

}  // namespace troupe::torture

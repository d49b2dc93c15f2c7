// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe::io {

/// What one reactor does. The numbers are taken one after the other, while it goes
/// on.
struct reactor_statistics {
  std::size_t sockets = 0;     ///< registered at present
  std::size_t timeouts = 0;    ///< pending at present
  std::uint64_t requests = 0;  ///< handled so far, of those that were sent
  std::uint64_t orphans = 0;   ///< registrations that ended because their owner had
  std::uint64_t refused = 0;   ///< registrations that did not come about
  std::uint64_t unknown = 0;   ///< requests for an id that is not there (any more)
  std::uint64_t moved = 0;     ///< streams moved to other workers, see rebalance_ratio
};

}  // namespace troupe::io

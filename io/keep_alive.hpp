// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>

namespace troupe::io {

/// How tcp_stream::keep_alive() asks a silent peer whether it is still there. A peer that does not
/// answer is given up after idle + count * interval.
struct keep_alive_options {
  /// The silence before the first probe. 1 to 32767 s.
  std::chrono::seconds idle{60};
  /// The time between two probes. 1 to 32767 s.
  std::chrono::seconds interval{10};
  /// Unanswered probes until the connection has failed (ETIMEDOUT). 1 to 127.
  int count = 6;
};

}  // namespace troupe::io

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cmath>
#include <stdexcept>

namespace troupe::bench {

/// The work that Savina's fork-join actors do for each message.
inline void compute_as_savina(double theta) {
  const double sine = std::sin(theta);
  const double result = sine * sine;
  if (result <= 0) throw std::logic_error("unrealistic result");
}

}  // namespace troupe::bench

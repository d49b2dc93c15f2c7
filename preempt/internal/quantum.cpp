// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/quantum.hpp>

#include <stdexcept>
#include <string>

namespace troupe::detail {

void require_quantum(const char* field, std::chrono::microseconds quantum) {
  using std::chrono::microseconds;
  constexpr microseconds least(50);
  constexpr microseconds most = std::chrono::seconds(10);
  if (quantum >= least && quantum <= most) return;
  throw std::invalid_argument(
      "troupe: " + std::string(field) + " (us) = " + std::to_string(quantum.count()) +
      " is not from " + std::to_string(least.count()) + " to " + std::to_string(most.count()));
}

}  // namespace troupe::detail

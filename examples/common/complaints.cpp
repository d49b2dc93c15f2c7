// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/complaints.hpp>

#include <cstdio>

namespace examples {

void complaints::say(const std::string& reason) {
  const auto now = clock::now();
  auto next = next_.load(std::memory_order_relaxed);
  if (now < next || !next_.compare_exchange_strong(next, now + std::chrono::seconds(1),
                                                   std::memory_order_relaxed)) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::string others;
  if (const auto more = left_out_.exchange(0, std::memory_order_relaxed); more != 0) {
    others = " (and " + std::to_string(more) + " others before)";
  }
  std::fprintf(stderr, "%s: a connection was given up: %s%s\n", program_.c_str(), reason.c_str(),
               others.c_str());
}

}  // namespace examples

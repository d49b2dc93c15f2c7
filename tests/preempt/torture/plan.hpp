// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::torture {

/// What a run is to be.
struct plan {
  std::size_t workers = 2;
  std::size_t actors = 16;
  std::chrono::microseconds quantum{1'000};  ///< the fresh one; the batch one is four times as long
  std::chrono::seconds length{5};
  std::uint64_t seed = 0;
  std::size_t max_carriers = 0;
  signal_source source = signal_source::kernel_timer;
  preemption mode = preemption::full;
  std::vector<std::size_t> chosen;  ///< indices into kinds(), each as often as its weight says

  /// How this run is repeated.
  std::string command_line() const;
};

}  // namespace troupe::torture

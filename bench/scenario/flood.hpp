// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/scenario.hpp>

#include <troupe/actors/options.hpp>

#include <cstdint>

namespace troupe::bench {

/// How many producers flood one consumer, and with what.
struct flood {
  std::uint64_t producers = 1;
  std::uint64_t messages = 0;  // each producer, in a round
  std::uint64_t burst = 0;     // messages sent from one handler; 0: all of a round
  double seconds = 0;          // rounds follow one another for so long; 0: one round
  system_options setup{};
};

/// Runs rounds in which every producer sends its messages, and then asks the consumer what has
/// arrived; the next round starts when that is known. An op is a message handled by the consumer.
[[nodiscard]] result run_flood(const flood& plan);

/// The parameters of a flood beside the number of producers.
[[nodiscard]] std::vector<parameter> flood_parameters(std::uint64_t messages);

}  // namespace troupe::bench

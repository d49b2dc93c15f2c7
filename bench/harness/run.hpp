// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/scenario.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>

namespace troupe::bench {

/// Runs a scenario once in this process. The record holds ops, seconds, ops_per_s, ns_per_op, the
/// special fields, the CPU time and involuntary context switches that the whole run (set-up and
/// tear-down included) took, and, where there is more than one worker, what a cache line took from
/// core to core just before. Throws what the scenario throws.
[[nodiscard]] nlohmann::ordered_json run_here(const scenario& what, const arguments& with);

/// Runs a scenario once in a child process, so that runs do not warm up, or litter, the memory of
/// the next. Throws std::runtime_error when the child fails; it has said why on standard error.
[[nodiscard]] nlohmann::ordered_json run_in_child(const scenario& what, const arguments& with);

/// Runs a scenario `repeat` times: in a child each if there is more than one. Gives the record of
/// the single run, or one with the median of each number, and objects `min` and `max` of the same.
[[nodiscard]] nlohmann::ordered_json run_repeatedly(const scenario& what, const arguments& with,
                                                    std::uint64_t repeat);

}  // namespace troupe::bench

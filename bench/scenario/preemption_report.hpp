// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/scenario.hpp>

#include <troupe/preempt/preemption.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace troupe::bench {

/// The counts of a stretch of time, from what there was before it and after it; carriers as they
/// are after it.
[[nodiscard]] preemption_statistics since(const preemption_statistics& before,
                                          const preemption_statistics& after);

/// A percentile that is known by its bucket only. All zero when there are no samples.
struct bucket_percentile {
  double interpolated_us = 0;  // as if the samples of the bucket lay evenly in it
  double bound_us = 0;         // all samples up to the percentile are below this
};

/// Of preemption_statistics::latency.
[[nodiscard]] bucket_percentile latency_percentile(std::span<const std::uint64_t> latency,
                                                   double percent);

[[nodiscard]] std::uint64_t latency_samples(const preemption_statistics& counted);

/// Adds the counts, the carriers, and the p50 and p99 of the latency, interpolated and as bounds.
void report(const preemption_statistics& counted, result& into);

/// The parameter that says who raises the signal, and its meaning.
[[nodiscard]] parameter source_parameter();
[[nodiscard]] signal_source source_named(const std::string& name);

/// A quantum in microseconds as a parameter.
[[nodiscard]] parameter quantum_parameter(const std::string& name, std::uint64_t microseconds,
                                          const std::string& help);

}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/scenario/preemption_report.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace troupe::bench {

preemption_statistics since(const preemption_statistics& before,
                            const preemption_statistics& after) {
  preemption_statistics during = after;
  during.preemptions -= before.preemptions;
  during.deferrals -= before.deferrals;
  during.unbinds -= before.unbinds;
  during.rescues -= before.rescues;
  during.left_running -= before.left_running;
  for (std::size_t i = 0; i < during.latency.size(); ++i) during.latency[i] -= before.latency[i];
  return during;
}

std::uint64_t latency_samples(const preemption_statistics& counted) {
  return std::accumulate(counted.latency.begin(), counted.latency.end(), std::uint64_t{0});
}

bucket_percentile latency_percentile(std::span<const std::uint64_t> latency, double percent) {
  const auto all =
      static_cast<double>(std::accumulate(latency.begin(), latency.end(), std::uint64_t{0}));
  if (all == 0) return {};
  const double rank = std::max(std::ceil(percent / 100 * all), 1.0);
  double below = 0;
  for (std::size_t i = 0; i < latency.size(); ++i) {
    const auto here = static_cast<double>(latency[i]);
    if (below + here < rank) {
      below += here;
      continue;
    }
    // Bucket i holds what took 2^(i-1) to 2^i microseconds; the first, all below one.
    const double high = std::ldexp(1.0, static_cast<int>(i));
    const double low = i == 0 ? 0 : high / 2;
    return {low + (high - low) * (rank - below) / here, high};
  }
  return {};
}

void report(const preemption_statistics& counted, result& into) {
  const auto add = [&into](const char* name, value number) {
    into.special.emplace_back(name, std::move(number));
  };
  const bucket_percentile p50 = latency_percentile(counted.latency, 50);
  const bucket_percentile p99 = latency_percentile(counted.latency, 99);
  add("latency_p50_us", p50.interpolated_us);
  add("latency_p99_us", p99.interpolated_us);
  add("latency_p50_below_us", p50.bound_us);
  add("latency_p99_below_us", p99.bound_us);
  add("preemptions", counted.preemptions);
  add("deferrals", counted.deferrals);
  add("unbinds", counted.unbinds);
  add("rescues", counted.rescues);
  add("left_running", counted.left_running);
  add("carriers_bound", std::uint64_t{counted.carriers.bound});
  add("carriers_spare", std::uint64_t{counted.carriers.spare});
  add("carriers_frozen", std::uint64_t{counted.carriers.frozen});
  add("carriers_unbound", std::uint64_t{counted.carriers.unbound});
  add("carriers_returning", std::uint64_t{counted.carriers.returning});
}

parameter source_parameter() {
  return {.name = "source",
          .default_value = std::string("timer"),
          .help = "what raises the signal: a kernel timer per carrier, or the monitor thread",
          .choices = {"timer", "monitor"}};
}

signal_source source_named(const std::string& name) {
  return name == "monitor" ? signal_source::monitor : signal_source::kernel_timer;
}

parameter quantum_parameter(const std::string& name, std::uint64_t microseconds,
                            const std::string& help) {
  return {.name = name, .default_value = microseconds, .help = help, .minimum = 50};
}

}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/async_client_load/latency_histogram.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace load {
namespace {

double microseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

}  // namespace

// Numbers below `steps` have a bucket each; above, the five bits behind the leading one count.
std::size_t latency_histogram::bucket_of(std::uint64_t nanoseconds) {
  if (nanoseconds < steps) return static_cast<std::size_t>(nanoseconds);
  const auto power = static_cast<std::size_t>(std::bit_width(nanoseconds)) - 1;
  const auto shift = power - static_cast<std::size_t>(std::bit_width(steps)) + 1;
  return shift * steps + static_cast<std::size_t>(nanoseconds >> shift);
}

std::uint64_t latency_histogram::upper_end(std::size_t bucket) {
  if (bucket < 2 * steps) return bucket;
  const auto shift = bucket / steps - 1;
  const std::uint64_t leading = bucket % steps + steps;
  return ((leading + 1) << shift) - 1;
}

void latency_histogram::record(std::chrono::nanoseconds latency) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
  buckets_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
  total_.fetch_add(value, std::memory_order_relaxed);
  auto longest = longest_.load(std::memory_order_relaxed);
  while (value > longest &&
         !longest_.compare_exchange_weak(longest, value, std::memory_order_relaxed)) {
  }
}

std::uint64_t latency_histogram::count() const {
  std::uint64_t sum = 0;
  for (const auto& each : buckets_) sum += each.load(std::memory_order_relaxed);
  return sum;
}

double latency_histogram::percentile(double percent) const {
  const auto samples = count();
  if (samples == 0) return 0;
  const auto rank = std::max(std::ceil(percent / 100 * static_cast<double>(samples)), 1.0);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (static_cast<double>(seen) >= rank) {
      return std::min(microseconds(upper_end(i)), longest());
    }
  }
  return longest();
}

double latency_histogram::mean() const {
  const auto samples = count();
  if (samples == 0) return 0;
  return microseconds(total_.load(std::memory_order_relaxed)) / static_cast<double>(samples);
}

double latency_histogram::longest() const {
  return microseconds(longest_.load(std::memory_order_relaxed));
}

}  // namespace load

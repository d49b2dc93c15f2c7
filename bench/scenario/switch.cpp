// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>

#include <troupe/scheduler/generator.hpp>

namespace troupe::bench {
namespace {

result run(const arguments& with) {
  const std::uint64_t values = with.count("switches") / 2;
  generator<std::uint64_t> numbers([values](auto& yield) {
    for (std::uint64_t i = 0; i < values; ++i) yield(i);
  });

  const stopwatch watch;
  std::uint64_t sum = 0;
  for (const std::uint64_t number : numbers) sum += number;
  const auto elapsed = watch.elapsed();

  expect_equal("sum of the values", values * (values - 1) / 2, sum);
  return {.ops = 2 * values,
          .elapsed = elapsed,
          .special = {{"round_trip_ns", elapsed.count() * 1e9 / static_cast<double>(values)}}};
}

const registration here({
    .name = "switch",
    .summary = "a range-for over a troupe::generator: in and out for each value; an op is one way",
    .parameters = {{.name = "switches",
                    .default_value = std::uint64_t{100'000'000},
                    .help = "in and out together",
                    .minimum = 2}},
    .run = run,
    .default_workers = 0,
});

}  // namespace
}  // namespace troupe::bench

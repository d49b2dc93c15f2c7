// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>

#include <troupe/scheduler/generator.hpp>
#include <troupe/scheduler/internal/switch.hpp>

namespace troupe::bench {
namespace {

// Two contexts that switch to each other, and count.
struct there_and_back {
  detail::root_generator here;
  detail::raw_generator* there = nullptr;
  std::uint64_t arrivals = 0;

  static void arrive(void* argument) {
    auto& self = *static_cast<there_and_back*>(argument);
    for (;;) {
      ++self.arrivals;
      detail::switch_to(*self.there, self.here);
    }
  }
};

std::chrono::duration<double> switch_contexts(std::uint64_t round_trips) {
  there_and_back both;
  both.there = detail::raw_generator::create(64 * 1024, &there_and_back::arrive, &both);
  const stopwatch watch;
  for (std::uint64_t i = 0; i < round_trips; ++i) detail::switch_to(both.here, *both.there);
  const auto elapsed = watch.elapsed();
  detail::raw_generator::destroy(both.there);
  expect_equal("arrivals", round_trips, both.arrivals);
  return elapsed;
}

std::chrono::duration<double> iterate_generator(std::uint64_t values) {
  generator<std::uint64_t> numbers([values](auto& yield) {
    for (std::uint64_t i = 0; i < values; ++i) yield(i);
  });
  const stopwatch watch;
  std::uint64_t sum = 0;
  for (const std::uint64_t number : numbers) sum += number;
  const auto elapsed = watch.elapsed();
  expect_equal("sum of the values", values * (values - 1) / 2, sum);
  return elapsed;
}

result run(const arguments& with) {
  const std::uint64_t round_trips = with.count("switches") / 2;
  const auto switching = switch_contexts(round_trips);
  const auto iterating = iterate_generator(round_trips);
  const double nanoseconds_each = 1e9 / static_cast<double>(round_trips);
  return {.ops = 2 * round_trips,
          .elapsed = switching,
          .special = {{"generator_one_way_ns", iterating.count() * nanoseconds_each / 2},
                      {"generator_value_ns", iterating.count() * nanoseconds_each}}};
}

const registration here({
    .name = "switch",
    .summary = "a context switch, as the scheduler does it; an op is one way. Then as many through "
               "a range-for over a troupe::generator, two for each value",
    .parameters = {{.name = "switches",
                    .default_value = std::uint64_t{100'000'000},
                    .help = "there and back together",
                    .minimum = 2}},
    .run = run,
    .default_workers = 0,
});

}  // namespace
}  // namespace troupe::bench

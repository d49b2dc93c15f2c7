// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/flood.hpp>

namespace troupe::bench {
namespace {

result run(const arguments& with) {
  return run_flood({.producers = 1,
                    .messages = with.count("messages"),
                    .burst = with.count("burst"),
                    .seconds = with.real("seconds"),
                    .setup = options_from(with)});
}

const registration here({
    .name = "counting",
    .summary =
        "Savina's count: one actor sends increments, the other counts; an op is an increment",
    .parameters = flood_parameters(5'000'000),
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

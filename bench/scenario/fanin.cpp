// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/flood.hpp>

namespace troupe::bench {
namespace {

result run(const arguments& with) {
  return run_flood({.producers = with.count("producers"),
                    .messages = with.count("messages"),
                    .burst = with.count("burst"),
                    .seconds = with.real("seconds"),
                    .setup = options_from(with)});
}

std::vector<parameter> parameters() {
  std::vector<parameter> all = flood_parameters(1'000'000);
  all.insert(all.begin(), {.name = "producers",
                           .default_value = std::uint64_t{8},
                           .help = "actors that send to the one consumer"});
  return all;
}

const registration here({
    .name = "fanin",
    .summary = "several actors flood one that counts; an op is a message",
    .parameters = parameters(),
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

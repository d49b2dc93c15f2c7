// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/ping_pong_actors.hpp>

#include <vector>

namespace troupe::bench {
namespace {

struct pair {
  actor_ref<void(play), void(pong), std::uint64_t(get_handled)> pinging;
  actor_ref<void(ping), std::uint64_t(get_handled)> ponging;
};

result run(const arguments& with) {
  const std::uint64_t pair_count = with.count("pairs");
  const std::uint64_t pings = with.count("messages") / 2;
  system sys(options_from(with));
  finish_line finished(pair_count);
  std::vector<pair> pairs;
  for (std::uint64_t i = 0; i < pair_count; ++i) {
    const auto ponging = sys.spawn<ponger>();
    pairs.push_back({sys.spawn<pinger>(ponging, pings, &finished), ponging});
  }

  const stopwatch watch;
  for (const pair& each : pairs) each.pinging.send(play{});
  finished.wait();
  const auto elapsed = watch.elapsed();

  for (const pair& each : pairs) {
    expect_equal("pings", pings, sys.ask(each.ponging, get_handled{}));
    expect_equal("pongs", pings, sys.ask(each.pinging, get_handled{}));
  }
  return {.ops = 2 * pings * pair_count, .elapsed = elapsed};
}

const registration here({
    .name = "pingpong-pairs",
    .summary = "many pairs that play ping-pong side by side; an op is a message",
    .parameters = {{.name = "pairs",
                    .default_value = std::uint64_t{100},
                    .help = "pairs of actors"},
                   {.name = "messages",
                    .default_value = std::uint64_t{400'000},
                    .help = "pings and pongs of each pair",
                    .minimum = 2}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/ping_pong_actors.hpp>

namespace troupe::bench {
namespace {

result run(const arguments& with) {
  const std::uint64_t pings = with.count("messages") / 2;
  system sys(options_from(with));
  finish_line finished;
  const auto ponging = sys.spawn<ponger>();
  const auto pinging = sys.spawn<pinger>(ponging, pings, &finished);

  const stopwatch watch;
  pinging.send(play{});
  finished.wait();
  const auto elapsed = watch.elapsed();

  expect_equal("pings", pings, sys.ask(ponging, get_handled{}));
  expect_equal("pongs", pings, sys.ask(pinging, get_handled{}));
  return {.ops = 2 * pings, .elapsed = elapsed};
}

const registration here({
    .name = "pingpong",
    .summary =
        "Savina's pingpong: two actors, one message in flight; an op is a message, ping or pong",
    .parameters = {{.name = "messages",
                    .default_value = std::uint64_t{20'000'000},
                    .help = "pings and pongs together",
                    .minimum = 2}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

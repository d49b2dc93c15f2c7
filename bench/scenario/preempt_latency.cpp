// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/percentile.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/scenario/bare_relay.hpp>
#include <bench/scenario/busy_actors.hpp>
#include <bench/scenario/preemption_report.hpp>

#include <algorithm>
#include <thread>
#include <vector>

namespace troupe::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t bare_turns = 1000;  // a second

result run(const arguments& with) {
  preemption_options preempt;
  preempt.warn_after = {};  // who computes for long here is meant to
  preempt.batch_quantum = std::chrono::microseconds(with.count("batch-us"));
  preempt.fresh_quantum = std::min(preempt.fresh_quantum, preempt.batch_quantum);
  preempt.source = source_named(with.text("source"));
  preempt.max_carriers = with.count("busy") + 2 * with.workers() + 32;
  system sys({.workers = with.workers(), .preempt = preempt});
  busy_actors busy(sys, with.count("busy"), busy_kind_named(with.text("kind")));
  if (!busy.wait_until_begun(20s)) throw oracle_error("a busy actor never had a turn");

  const preemption_statistics before = sys.preemption();
  const stopwatch watch;
  std::this_thread::sleep_for(std::chrono::duration<double>(with.real("seconds")));
  const auto elapsed = watch.elapsed();
  const preemption_statistics during = since(before, sys.preemption());

  busy.tell_to_stop();
  busy.wait_and_check();
  if (during.preemptions == 0) throw oracle_error("nobody was preempted");
  result outcome{.ops = latency_samples(during), .elapsed = elapsed};
  report(during, outcome);
  const std::vector<double> bare = relay_bare(bare_turns);
  outcome.special.emplace_back("bare_p50_us", percentile(bare, 50));
  outcome.special.emplace_back("bare_p99_us", percentile(bare, 99));
  return outcome;
}

const registration here({
    .name = "preempt-latency",
    .summary =
        "from when the signal was due (its kernel timer expired, or the monitor raised it) to "
        "the next behavior running, while more actors compute than there are workers; an op "
        "is a preemption. Taken from the runtime's histogram, whose "
        "buckets are powers of two: percentiles are given as their bucket's upper end, and "
        "interpolated in it. bare_*: two threads without a system hand one core to each other in "
        "the same way",
    .parameters =
        {{.name = "busy",
          .default_value = std::uint64_t{8},
          .help = "actors that each run one endless behavior"},
         {.name = "kind",
          .default_value = std::string("arithmetic"),
          .help = "of these: they compute; or allocate, throw and lock",
          .choices = {"arithmetic", "alloc"}},
         {.name = "seconds", .default_value = 5.0, .help = "to measure over", .minimum = 0.1},
         quantum_parameter("batch-us", 1000,
                           "quantum while preempted ones wait: how "
                           "often there is something to measure"),
         source_parameter()},
    .run = run,
    .sets_preemption = true,
});

}  // namespace
}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/percentile.hpp>
#include <bench/harness/process_time.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/scenario/arithmetic_chain.hpp>
#include <bench/scenario/bare_timer.hpp>
#include <bench/scenario/outside_pinger.hpp>
#include <bench/scenario/preemption_report.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace troupe::bench {
namespace {

// The same work with and without preemption: so much for each actor, from its first instruction to
// its last without a call into the runtime. Without preemption the actors of a worker do it one
// after the other, with it in turns.
struct plan {
  std::uint64_t busy = 0;
  std::uint64_t units = 0;                  // of each
  std::chrono::microseconds ping_period{};  // 0: nobody pings
  system_options setup{};
};

struct lap {
  double seconds = 0;
  double cpu_seconds = 0;
  preemption_statistics preempted{};
};

// Units that a core does in so many milliseconds, if nothing disturbs it: the best of some tries.
std::uint64_t units_in(std::uint64_t milliseconds) {
  constexpr std::uint64_t sample = 500;
  double best_ns = 0;
  arithmetic_chain chain;
  for (int i = 0; i < 5; ++i) {
    const stopwatch watch;
    for (std::uint64_t unit = 0; unit < sample; ++unit) chain.do_unit();
    const double ns = watch.nanoseconds_each(sample);
    if (i == 0 || ns < best_ns) best_ns = ns;
  }
  chain.expect_right("the calibration", 5 * sample);
  return std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(static_cast<double>(milliseconds) * 1e6 / best_ns));
}

void work_to_the_end(context& /*self*/, std::uint64_t units, arithmetic_chain* chain,
                     finish_line* finished) {
  arithmetic_chain mine;  // on the stack, so that no two actors write to one cache line
  for (std::uint64_t i = 0; i < units; ++i) mine.do_unit();
  *chain = mine;
  finished->cross();
}

lap run_lap(const plan& of, preemption mode) {
  std::vector<arithmetic_chain> chains(of.busy);
  finish_line finished(of.busy);
  system_options setup = of.setup;
  setup.preempt.mode = mode;
  system sys(setup);
  std::optional<outside_pinger> pinging;
  if (of.ping_period.count() > 0) pinging.emplace(sys, of.ping_period, pinger_priority::normal);

  const process_time before = process_time_now();
  const stopwatch watch;
  for (arithmetic_chain& each : chains) sys.spawn(work_to_the_end, of.units, &each, &finished);
  finished.wait();
  lap took{.seconds = watch.elapsed().count(),
           .cpu_seconds = (process_time_now() - before).cpu_seconds,
           .preempted = sys.preemption()};

  if (pinging) static_cast<void>(pinging->stop());
  for (const arithmetic_chain& each : chains) each.expect_right("an actor", of.units);
  return took;
}

// The same amount of work in all, on as many plain threads as workers: without signals, and with an
// empty handler called as often as the runtime's is. What is lost between the two is the machine's.
double run_bare_lap(const plan& of, std::chrono::microseconds period) {
  const std::size_t threads = of.setup.workers;
  return run_bare({.count = threads, .units = of.busy * of.units / threads, .period = period});
}

// All laps of one side.
struct side {
  std::vector<double> seconds;
  std::vector<double> cpu_seconds;

  void add(const lap& one) {
    seconds.push_back(one.seconds);
    cpu_seconds.push_back(one.cpu_seconds);
  }
};

// Those of the bare threads.
struct bare_side {
  std::vector<double> with_timers;
  std::vector<double> without;

  void measure(const plan& of, bool timers_first) {
    const preemption_options& preempt = of.setup.preempt;
    const auto period = std::min(preempt.fresh_quantum, preempt.batch_quantum);
    if (timers_first) with_timers.push_back(run_bare_lap(of, period));
    without.push_back(run_bare_lap(of, {}));
    if (!timers_first) with_timers.push_back(run_bare_lap(of, period));
  }
  [[nodiscard]] double ratio() const { return median(without) / median(with_timers); }
};

plan plan_from(const arguments& with) {
  plan of{.busy = with.count("busy"),
          .units = units_in(with.count("work-ms")),
          .ping_period = std::chrono::microseconds(with.count("ping-us")),
          .setup = {.workers = with.workers()}};
  preemption_options& preempt = of.setup.preempt;
  preempt.batch_quantum = std::chrono::microseconds(with.count("batch-us"));
  preempt.fresh_quantum = std::chrono::microseconds(with.count("fresh-us"));
  preempt.source = source_named(with.text("source"));
  preempt.warn_after = {};  // who computes for long here is meant to
  preempt.max_carriers = of.busy + 2 * with.workers() + 32;
  return of;
}

result run(const arguments& with) {
  const plan of = plan_from(with);
  const std::uint64_t rounds = with.count("rounds");
  side on;
  side off;
  std::vector<double> ratios;  // of the throughput in a round
  bare_side bare;
  lap last_on;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const bool on_first = round % 2 == 0;
    if (on_first) last_on = run_lap(of, preemption::full);
    const lap without = run_lap(of, preemption::off);
    if (!on_first) last_on = run_lap(of, preemption::full);
    on.add(last_on);
    off.add(without);
    ratios.push_back(without.seconds / last_on.seconds);
    bare.measure(of, on_first);
  }
  const double on_seconds = median(on.seconds);
  const double off_seconds = median(off.seconds);
  result outcome{.ops = of.busy * of.units, .elapsed = std::chrono::duration<double>(on_seconds)};
  outcome.special = {{"throughput_ratio", off_seconds / on_seconds},
                     {"throughput_ratio_min", *std::min_element(ratios.begin(), ratios.end())},
                     {"throughput_ratio_max", *std::max_element(ratios.begin(), ratios.end())},
                     {"bare_timer_ratio", bare.ratio()},
                     {"cpu_ratio", median(off.cpu_seconds) / median(on.cpu_seconds)},
                     {"on_seconds", on_seconds},
                     {"off_seconds", off_seconds}};
  report(last_on.preempted, outcome);
  return outcome;
}

const registration here({
    .name = "preempt-overhead",
    .summary = "actors that each do the same amount of arithmetic without a call into the runtime, "
               "with preemption and without in turns: ratio of the throughputs, of the medians; an "
               "op is some ten microseconds of it. As many actors as workers: what it costs where "
               "nobody is preempted. bare_timer_ratio: the same work on as many plain threads as "
               "workers, with a kernel timer each whose handler is empty, against none",
    .parameters = {{.name = "busy",
                    .default_value = std::uint64_t{8},
                    .help = "actors; a multiple of the workers, so that cooperative workers end "
                            "together"},
                   {.name = "work-ms",
                    .default_value = std::uint64_t{250},
                    .help = "what each does, in milliseconds of a core of its own"},
                   {.name = "rounds",
                    .default_value = std::uint64_t{5},
                    .help = "of one run with preemption and one without"},
                   {.name = "ping-us",
                    .default_value = std::uint64_t{0},
                    .help = "a thread outside pings an echo actor so often; 0: none",
                    .minimum = 0},
                   quantum_parameter("fresh-us", 1000, "quantum while a fresh actor waits"),
                   quantum_parameter("batch-us", 10'000, "quantum while preempted ones wait"),
                   source_parameter()},
    .run = run,
    .sets_preemption = true,
});

}  // namespace
}  // namespace troupe::bench

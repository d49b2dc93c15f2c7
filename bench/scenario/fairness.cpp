// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/percentile.hpp>
#include <bench/harness/process_time.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/busy_actors.hpp>
#include <bench/scenario/outside_pinger.hpp>
#include <bench/scenario/preemption_report.hpp>

#include <algorithm>
#include <thread>

namespace troupe::bench {
namespace {

using namespace std::chrono_literals;

system_options options_for(const arguments& with) {
  system_options options = options_from(with);
  options.preempt.fresh_quantum = std::chrono::microseconds(with.count("fresh-us"));
  options.preempt.batch_quantum = std::chrono::microseconds(with.count("batch-us"));
  options.preempt.source = source_named(with.text("source"));
  // All of the busy actors may be frozen, or block, at a time.
  options.preempt.max_carriers = with.count("busy") + 2 * with.workers() + 32;
  return options;
}

/// Jain's index of fairness: 1 when all have the same, 1/n when one has everything.
double jain_index(const std::vector<std::uint64_t>& shares) {
  double sum = 0;
  double squares = 0;
  for (const std::uint64_t each : shares) {
    const auto share = static_cast<double>(each);
    sum += share;
    squares += share * share;
  }
  return squares == 0 ? 0 : sum * sum / (static_cast<double>(shares.size()) * squares);
}

// What happened between two moments, seen from outside.
struct observation {
  std::vector<std::uint64_t> work;  // of each busy actor
  preemption_statistics preempted;
  double cpu_percent = 0;
  std::chrono::duration<double> lasted{};
};

observation observe(const system& sys, const busy_actors& busy, double seconds) {
  observation seen;
  const std::vector<std::uint64_t> work_before = busy.work();
  const preemption_statistics preempted_before = sys.preemption();
  const process_time time_before = process_time_now();
  const stopwatch watch;
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  seen.lasted = watch.elapsed();
  seen.cpu_percent = (process_time_now() - time_before).cpu_seconds / seen.lasted.count() * 100;
  seen.preempted = since(preempted_before, sys.preemption());
  seen.work = busy.work();
  for (std::size_t i = 0; i < seen.work.size(); ++i) seen.work[i] -= work_before[i];
  return seen;
}

void wait_for_a_steady_state(const busy_actors& busy, bool preemption) {
  // Without preemption, those that find a worker begin, and no other.
  if (!busy.wait_until_begun(preemption ? 20s : 100ms) && preemption) {
    throw oracle_error("a busy actor never had a turn");
  }
  std::this_thread::sleep_for(200ms);
}

void report_pings(const ping_times& times, result& into) {
  const auto add = [&into](const std::string& name, const std::vector<double>& samples) {
    into.special.emplace_back(name + "_p50_ms", percentile(samples, 50));
    into.special.emplace_back(name + "_p99_ms", percentile(samples, 99));
    into.special.emplace_back(name + "_max_ms", percentile(samples, 100));
  };
  into.special.emplace_back("pinger_ran_as", std::string(times.real_time ? "real-time" : "normal"));
  add("ping", times.round_trip);
  add("arrival", times.arrival);
}

void report_work(const std::vector<std::uint64_t>& work, result& into) {
  into.special.emplace_back("jain", jain_index(work));
  into.special.emplace_back("work_min", *std::min_element(work.begin(), work.end()));
  into.special.emplace_back("work_max", *std::max_element(work.begin(), work.end()));
}

result run(const arguments& with) {
  const busy_kind kind = busy_kind_named(with.text("kind"));
  system sys(options_for(with));
  busy_actors busy(sys, with.count("busy"), kind);
  wait_for_a_steady_state(busy, with.preemption());
  const auto priority =
      with.text("pinger") == "normal" ? pinger_priority::normal : pinger_priority::real_time;
  outside_pinger pinging(sys, std::chrono::microseconds(with.count("ping-us")), priority);

  const observation seen = observe(sys, busy, with.real("seconds"));

  busy.tell_to_stop();  // before the pinger: without preemption, its ping is answered only now
  const ping_times times = pinging.stop();
  busy.wait_and_check();
  result outcome{.ops = times.pings, .elapsed = seen.lasted};
  report_pings(times, outcome);
  if (kind != busy_kind::blocked) report_work(seen.work, outcome);
  outcome.special.emplace_back("cpu_percent", seen.cpu_percent);
  report(seen.preempted, outcome);
  return outcome;
}

const registration here({
    .name = "fairness",
    .summary = "an echo actor is pinged from outside beside actors that never wait; an op is a "
               "ping",
    .parameters =
        {{.name = "busy",
          .default_value = std::uint64_t{8},
          .help = "actors that each run one endless behavior"},
         {.name = "kind",
          .default_value = std::string("arithmetic"),
          .help = "of these: they compute; or allocate, throw and lock; or sit in read(2)",
          .choices = {"arithmetic", "alloc", "blocked"}},
         {.name = "seconds", .default_value = 5.0, .help = "to measure over", .minimum = 0.1},
         {.name = "ping-us",
          .default_value = std::uint64_t{5000},
          .help = "from one ping to the next, on average",
          .minimum = 100},
         {.name = "pinger",
          .default_value = std::string("real-time"),
          .help = "a thread that need not compete for the cores (if permitted), or a normal one",
          .choices = {"real-time", "normal"}},
         quantum_parameter("fresh-us", 1000, "quantum while a fresh actor waits"),
         quantum_parameter("batch-us", 10'000, "quantum while preempted ones wait"),
         source_parameter()},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

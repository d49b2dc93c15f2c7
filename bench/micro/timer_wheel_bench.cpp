// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/timer_wheel.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <random>
#include <vector>

namespace troupe::detail {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t span = 600'000 * ms;  // deadlines of the pending timers: ten minutes
constexpr std::uint64_t start = 1'000'000'000 * ms;

// A wheel with state.range(0) timers that nobody touches.
class crowd {
 public:
  explicit crowd(const benchmark::State& state)
      : wheel(start), pending(static_cast<std::size_t>(state.range(0))) {
    for (timer_node& node : pending) wheel.arm(node, later());
  }

  std::uint64_t later() { return start + ms + random() % span; }

  std::mt19937_64 random{1};
  timer_wheel wheel;
  std::vector<timer_node> pending;
};

// Processor time, so that another process's turn does not count as a long call.
std::uint64_t thread_cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(t.tv_nsec);
}

// A timeout that does not happen: the common case.
void arm_then_cancel(benchmark::State& state) {
  crowd all(state);
  timer_node node;
  std::uint64_t deadline = start;
  for (auto _ : state) {
    deadline += ms / 16;
    all.wheel.arm(node, deadline + 5000 * ms);
    benchmark::DoNotOptimize(all.wheel.cancel(node));
  }
}
BENCHMARK(arm_then_cancel)->Arg(0)->Arg(1000)->Arg(1'000'000);

// Moves any of the pending timers to another deadline: three cache misses with many of them.
void rearm_any(benchmark::State& state) {
  crowd all(state);
  for (auto _ : state) {
    const std::uint64_t drawn = all.random();
    all.wheel.arm(all.pending[drawn % all.pending.size()], start + ms + (drawn >> 24U) % span);
  }
}
BENCHMARK(rearm_any)->Arg(1000)->Arg(1'000'000);

// What a busy worker pays for looking, when nothing is due.
void advance_without_news(benchmark::State& state) {
  crowd all(state);
  while (all.wheel.next_deadline_ns().value_or(start + ms) <= start) {
    all.wheel.advance(start, 0, [](timer_node&) {});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(all.wheel.advance(start, 64, [](timer_node&) {}));
  }
}
BENCHMARK(advance_without_news)->Arg(0)->Arg(1000)->Arg(1'000'000);

// What a worker pays before it parks.
void next_deadline(benchmark::State& state) {
  crowd all(state);
  for (auto _ : state) benchmark::DoNotOptimize(all.wheel.next_deadline_ns());
}
BENCHMARK(next_deadline)->Arg(1000)->Arg(1'000'000);

// Arms every node within ten seconds and lets a sleeper with the budget of a busy worker fire them;
// `advance` is called with the time for each call.
template <class Advance>
void arm_and_fire_all(timer_wheel& wheel, std::vector<timer_node>& timers, Advance advance) {
  std::mt19937_64 random(1);
  for (timer_node& node : timers) wheel.arm(node, start + ms + random() % (10'000 * ms));
  std::uint64_t now = start;
  while (const auto next = wheel.next_deadline_ns()) {
    now = std::max(now, *next);
    advance(now);
  }
}

constexpr std::size_t budget = 64;
constexpr auto fire = [](timer_node& node) { benchmark::DoNotOptimize(node.deadline_ns); };

// A life from arming to firing, all settling included.
void arm_then_fire(benchmark::State& state) {
  std::vector<timer_node> timers(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    timer_wheel wheel(start);
    arm_and_fire_all(wheel, timers, [&](std::uint64_t now) { wheel.advance(now, budget, fire); });
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(arm_then_fire)->Arg(1000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// The longest call among all these: that long a worker does nothing else. Its time is the counter.
void longest_advance(benchmark::State& state) {
  std::vector<timer_node> timers(static_cast<std::size_t>(state.range(0)));
  std::uint64_t longest_ns = 0;
  for (auto _ : state) {
    timer_wheel wheel(start);
    arm_and_fire_all(wheel, timers, [&](std::uint64_t now) {
      const std::uint64_t before = thread_cpu_ns();
      wheel.advance(now, budget, fire);
      longest_ns = std::max(longest_ns, thread_cpu_ns() - before);
    });
  }
  state.counters["longest_us"] = static_cast<double>(longest_ns) / 1000;
}
BENCHMARK(longest_advance)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace troupe::detail

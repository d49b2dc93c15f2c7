// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/injector.hpp>
#include <troupe/scheduler/internal/run_ring.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

struct element {
  element* run_link = nullptr;
};

using ring = run_ring<element>;

// The owner alone, with state.range(0) elements on the way.
void push_then_pop(benchmark::State& state) {
  ring mine;
  element each;
  for (std::int64_t i = 1; i < state.range(0); ++i) benchmark::DoNotOptimize(mine.try_push(&each));
  for (auto _ : state) {
    benchmark::DoNotOptimize(mine.try_push(&each));
    benchmark::DoNotOptimize(mine.pop());
  }
}
BENCHMARK(push_then_pop)->Arg(1)->Arg(200);

// Half of a ring into another one, without anybody else at it; an item is an element that moved.
void steal_half(benchmark::State& state) {
  ring victim;
  ring thief;
  element each;
  std::int64_t moved = 0;
  for (auto _ : state) {
    while (static_cast<std::int64_t>(victim.size()) < state.range(0))
      benchmark::DoNotOptimize(victim.try_push(&each));
    benchmark::DoNotOptimize(victim.steal(thief));
    moved += thief.size() + 1;
    while (thief.pop() != nullptr) continue;
  }
  state.SetItemsProcessed(moved);
}
BENCHMARK(steal_half)->Arg(1)->Arg(16)->Arg(256);

// What the owner's push and pop cost while a thief does nothing but steal, and how it fares: the
// worst case, since a thief that gets something runs it.
void push_then_pop_beside_a_thief(benchmark::State& state) {
  ring mine;
  element each;
  atomic<bool> over{false};
  std::uint64_t stolen = 0;
  std::uint64_t steals = 0;
  std::thread thief([&] {
    ring into;
    while (!over.load_relaxed()) {  // only ends the loop
      if (mine.steal(into) == nullptr) {
        spin_pause();
        continue;
      }
      ++steals;
      ++stolen;
      while (into.pop() != nullptr) ++stolen;
    }
  });
  const auto batch = static_cast<int>(state.range(0));
  for (auto _ : state) {
    for (int i = 0; i < batch; ++i) benchmark::DoNotOptimize(mine.try_push(&each));
    for (int i = 0; i < batch; ++i) benchmark::DoNotOptimize(mine.pop());
  }
  over.store_relaxed(true);
  thief.join();
  state.SetItemsProcessed(state.iterations() * batch);
  state.counters["stolen"] =
      static_cast<double>(stolen) / static_cast<double>(state.iterations() * batch);
  state.counters["bite"] =
      steals == 0 ? 0 : static_cast<double>(stolen) / static_cast<double>(steals);
}
BENCHMARK(push_then_pop_beside_a_thief)->Arg(1)->Arg(16)->Arg(256)->UseRealTime();

// The global queue, with batches of state.range(0) both ways; an item is an element.
void inject_then_take(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  injector<element> queue;
  std::vector<element> elements(batch);
  std::vector<element*> pointers;
  for (element& each : elements) pointers.push_back(&each);
  std::vector<element*> out(batch);
  for (auto _ : state) {
    queue.push_all(pointers.data(), batch);
    benchmark::DoNotOptimize(queue.pop(out.data(), batch));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(inject_then_take)->Arg(1)->Arg(64);

}  // namespace
}  // namespace troupe::detail

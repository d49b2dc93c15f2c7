// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/generator.hpp>
#include <troupe/scheduler/internal/switch.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace troupe::detail {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

/// There and back: two switches.
void bm_switch(benchmark::State& state) {
  static root_generator root;
  static raw_generator* echo;
  echo = raw_generator::create(
      stack_bytes,
      [](void*) {
        for (;;) switch_to(*echo, root);
      },
      nullptr);
  for (auto _ : state) switch_to(root, *echo);
  state.counters["one_way"] =
      benchmark::Counter(2.0 * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  raw_generator::destroy(echo);
}
BENCHMARK(bm_switch);

struct member {
  raw_generator* self;
  raw_generator* next;
};

/// Once through many generators in random order: what caches and TLB make of it.
void bm_switch_among(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  root_generator root;
  std::vector<member> ring(count);
  for (auto& m : ring) {
    m.self = raw_generator::create(
        stack_bytes,
        [](void* argument) {
          const auto& me = *static_cast<const member*>(argument);
          for (;;) switch_to(*me.self, *me.next);
        },
        &m);
  }
  std::vector<member*> order;
  for (auto& m : ring) order.push_back(&m);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  for (std::size_t i = 0; i < count; ++i) {
    order[i]->next = i + 1 < count ? order[i + 1]->self : &root;
  }
  for (auto _ : state) switch_to(root, *order.front()->self);
  state.counters["one_way"] =
      benchmark::Counter(static_cast<double>(count + 1) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  for (auto& m : ring) raw_generator::destroy(m.self);
}
BENCHMARK(bm_switch_among)->Arg(10)->Arg(100)->Arg(1000)->Arg(10'000)->Arg(100'000);

void bm_create_and_destroy(benchmark::State& state) {
  for (auto _ : state) {
    raw_generator::destroy(raw_generator::create(
        stack_bytes, [](void*) {}, nullptr));
  }
}
BENCHMARK(bm_create_and_destroy);

void bm_generator_next(benchmark::State& state) {
  generator<std::uint64_t> numbers([](auto& yield) {
    for (std::uint64_t i = 0;; ++i) yield(i);
  });
  auto position = numbers.begin();
  for (auto _ : state) {
    benchmark::DoNotOptimize(*position);
    ++position;
  }
}
BENCHMARK(bm_generator_next);

}  // namespace
}  // namespace troupe::detail

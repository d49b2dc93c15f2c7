// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/detail/bounded_lane.hpp>
#include <troupe/mailbox/detail/control_lane.hpp>
#include <troupe/mailbox/detail/envelope.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::detail {
namespace {

template <std::size_t Size>
struct payload {
  std::array<std::byte, Size> bytes{};
};

// A message's whole life but its way: envelope, payload, type, and the end of all three. The three
// inline sizes, and one that is boxed.
template <class Message>
void make_and_discard(benchmark::State& state) {
  const Message original{};
  for (auto _ : state) {
    envelope* const e = make_envelope<Message>(original);
    benchmark::DoNotOptimize(e->payload());
    discard_envelope(*e);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_TEMPLATE(make_and_discard, std::uint64_t);
BENCHMARK_TEMPLATE(make_and_discard, payload<88>);
BENCHMARK_TEMPLATE(make_and_discard, payload<216>);
BENCHMARK_TEMPLATE(make_and_discard, payload<500>);
BENCHMARK_TEMPLATE(make_and_discard, std::string);

struct alignas(64) node : queue_node {};

// One thread pushes and takes, `range` nodes at a time.
void control_push_then_take(benchmark::State& state) {
  std::vector<node> nodes(static_cast<std::size_t>(state.range(0)));
  control_lane lane;
  for (auto _ : state) {
    for (node& each : nodes) benchmark::DoNotOptimize(lane.push(each));
    for (queue_node* next = lane.take_all(); next != nullptr; next = next->next.load_relaxed()) {
      benchmark::DoNotOptimize(next);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(control_push_then_take)->Arg(1)->Arg(16)->Arg(256);

// A wait for an answer that is posted by the same thread: park, push, take.
void control_park_push_take(benchmark::State& state) {
  control_lane lane;
  node answer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(lane.try_park());
    benchmark::DoNotOptimize(lane.push(answer));
    benchmark::DoNotOptimize(lane.take_all());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(control_park_push_take);

// What a bound costs a message: the lane's lock, twice.
void bounded_offer_then_pop(benchmark::State& state) {
  bounded_lane lane;
  lane.configure({1000, overflow::fail}, envelope{}.target_generation);
  std::vector<envelope> messages(static_cast<std::size_t>(state.range(0)));
  envelope* dropped = nullptr;
  for (auto _ : state) {
    for (envelope& each : messages) benchmark::DoNotOptimize(lane.offer(each, dropped));
    for (std::size_t i = 0; i < messages.size(); ++i) benchmark::DoNotOptimize(lane.pop());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(bounded_offer_then_pop)->Arg(1)->Arg(16)->Arg(256);

}  // namespace
}  // namespace troupe::detail

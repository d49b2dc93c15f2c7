// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

using unlinked = mpsc_queue::unlinked;

// A node per cache line, as envelopes are.
struct alignas(64) node : queue_node {};

// One thread pushes and takes, `range` nodes at a time: an actor that sends to one on its worker.
void push_then_take(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  std::vector<node> nodes(batch);
  mpsc_queue queue;
  for (auto _ : state) {
    bool was_idle = false;
    for (node& each : nodes) was_idle |= queue.push(each);
    benchmark::DoNotOptimize(was_idle);
    for (std::size_t taken = 0; taken < batch; ++taken) {
      benchmark::DoNotOptimize(queue.front());
      if (queue.unlink_front_or_idle() == unlinked::stalled) state.SkipWithError("stalled");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(push_then_take)->Arg(1)->Arg(16)->Arg(256);

// One thread pushes rings of nodes, another one takes: what it costs that the head and the nodes
// change cores. The producer is timed; it waits for the consumer once per ring.
void push_to_another_thread(benchmark::State& state) {
  constexpr std::size_t ring = 1024;
  std::vector<node> nodes(ring);
  mpsc_queue queue;
  atomic<std::uint64_t> taken{0};
  atomic<bool> over{false};
  std::thread consumer([&] {
    // Relaxed: the nodes are handed over by the queue; this only ends the loop.
    while (!over.load_relaxed()) {
      if (queue.front() == nullptr) continue;
      if (queue.unlink_front() == unlinked::stalled) continue;
      taken.store_release(taken.load_relaxed() + 1);  // pairs with the producer's wait
    }
  });
  std::uint64_t pushed = 0;
  for (auto _ : state) {
    for (node& each : nodes) benchmark::DoNotOptimize(queue.push(each));
    pushed += ring;
    while (taken.load_acquire() < pushed) {  // pairs with the consumer's store: nodes are free
    }
  }
  over.store_relaxed(true);
  consumer.join();
  state.SetItemsProcessed(static_cast<std::int64_t>(pushed));
}
BENCHMARK(push_to_another_thread)->UseRealTime();

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

// An envelope is taken and given back at once: the round that stays in the loaded magazine.
void acquire_and_release(benchmark::State& state) {
  for (auto _ : state) {
    envelope* const e = acquire_envelope(0);
    benchmark::DoNotOptimize(e);
    release_envelope(*e);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(acquire_and_release);

// The baseline: the same with the heap.
void malloc_and_free(benchmark::State& state) {
  for (auto _ : state) {
    void* const p = std::malloc(envelope_sizes[0]);
    benchmark::DoNotOptimize(p);
    std::free(p);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(malloc_and_free);

// Many are taken, then all given back: each 62nd goes to the depot for a magazine.
void acquire_many_then_release(benchmark::State& state) {
  std::vector<envelope*> held(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (envelope*& each : held) each = acquire_envelope(0);
    for (envelope* each : held) release_envelope(*each);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(acquire_many_then_release)->Arg(256)->Arg(4096)->Arg(65536);

// One thread takes, another gives back: magazines go round through the depot. The thread that
// takes is timed.
void acquire_here_release_there(benchmark::State& state) {
  constexpr std::uint64_t batch = 1024;
  mpsc_queue queue;
  atomic<std::uint64_t> released{0};
  atomic<bool> over{false};
  std::thread consumer([&] {
    // Relaxed: the envelopes are handed over by the queue; this only ends the loop.
    while (!over.load_relaxed()) {
      queue_node* const front = queue.front();
      if (front == nullptr) continue;
      if (queue.unlink_front() == mpsc_queue::unlinked::stalled) continue;
      release_envelope(*static_cast<envelope*>(front));
      released.store_release(released.load_relaxed() + 1);  // pairs with the other thread's wait
    }
  });
  std::uint64_t acquired = 0;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < batch; ++i) {
      benchmark::DoNotOptimize(queue.push(*acquire_envelope(0)));
    }
    acquired += batch;
    while (released.load_acquire() < acquired) {  // pairs with the consumer's store
    }
  }
  over.store_relaxed(true);
  consumer.join();
  state.SetItemsProcessed(static_cast<std::int64_t>(acquired));
}
BENCHMARK(acquire_here_release_there)->UseRealTime();

}  // namespace
}  // namespace troupe::detail

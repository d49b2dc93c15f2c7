// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>

#include <troupe/troupe.hpp>

#include <array>
#include <atomic>
#include <string>

namespace troupe::bench {
namespace {

struct begin {
  actor_ref<void(begin)> partner;  // to be told to begin as well
};

// What one of the two did. All accesses are relaxed: each count has one writer, and the other
// actor only looks whether it moved.
struct alignas(64) turns {
  std::atomic<std::uint64_t> yields{0};
  std::uint64_t partners_turns = 0;  // yields of this one after which the other one had moved on
};

void yield_and_yield(context& self, std::uint64_t yields, turns* mine, const turns* partners,
                     finish_line* finished) {
  self.receive([](const begin& told) {
    if (told.partner) told.partner.send(begin{});
  });
  std::uint64_t seen = partners->yields.load(std::memory_order_relaxed);
  for (std::uint64_t done = 1; done <= yields; ++done) {
    mine->yields.store(done, std::memory_order_relaxed);
    self.yield();
    const std::uint64_t now = partners->yields.load(std::memory_order_relaxed);
    if (now != seen) ++mine->partners_turns;
    seen = now;
  }
  finished->cross();
}

result run(const arguments& with) {
  const std::uint64_t yields = with.count("yields") / 2;
  std::array<turns, 2> both{};
  finish_line finished(2);
  system sys(options_from(with));
  const auto first = sys.spawn<void(begin)>(yield_and_yield, yields, &both[0], &both[1], &finished);
  const auto second =
      sys.spawn<void(begin)>(yield_and_yield, yields, &both[1], &both[0], &finished);

  const stopwatch watch;
  first.send(begin{second});
  finished.wait();
  const auto elapsed = watch.elapsed();

  expect_equal("yields", 2 * yields, both[0].yields.load() + both[1].yields.load());
  const std::uint64_t alternations = both[0].partners_turns + both[1].partners_turns;
  if (with.workers() == 1 && alternations < 2 * yields * 99 / 100) {
    throw oracle_error("only " + std::to_string(alternations) + " yields gave the other its turn");
  }
  return {.ops = 2 * yields, .elapsed = elapsed, .special = {{"alternations", alternations}}};
}

const registration here({
    .name = "yield",
    .summary = "two direct-style actors take turns; an op is a yield",
    .parameters = {{.name = "yields",
                    .default_value = std::uint64_t{10'000'000},
                    .help = "of both together",
                    .minimum = 200}},
    .run = run,
    .default_workers = 1,
});

}  // namespace
}  // namespace troupe::bench

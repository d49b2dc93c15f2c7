// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/process_memory.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/sleepers.hpp>

namespace troupe::bench {
namespace {

result run(const arguments& with) {
  const std::uint64_t actors = with.count("actors");
  finish_line finished;
  std::vector<actor_ref<void(question)>> sleepers(actors);
  system sys(options_from(with));
  const auto counting = sys.spawn<answer_counter>(actors, &finished);

  const stopwatch watch;
  spawn_sleepers(sys, "direct", sleepers);
  const auto elapsed = watch.elapsed();
  const std::uint64_t resident = settled_resident_bytes();
  const std::uint64_t page_tables = page_table_bytes();
  const std::uint64_t mappings = mapping_count();
  expect_equal("actors alive", actors + 1, sys.actor_count());

  const stopwatch answering;
  for (const auto& each : sleepers) each.send(question{counting});
  finished.wait();
  const double answer_seconds = answering.elapsed().count();
  expect_equal("answers", actors, sys.ask(counting, get_answers{}));
  return {.ops = actors,
          .elapsed = elapsed,
          .special = {{"answer_seconds", answer_seconds},
                      {"answers", actors},
                      {"mappings", mappings},
                      {"rss_mb", megabytes(resident)},
                      {"page_tables_mb", megabytes(page_tables)}}};
}

const registration here({
    .name = "spawn-suspended",
    .summary = "direct-style actors all wait in receive, on stacks of their own, then all answer; "
               "an op is a spawn",
    .parameters = {{.name = "actors",
                    .default_value = std::uint64_t{1'000'000},
                    .help = "alive at once"}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

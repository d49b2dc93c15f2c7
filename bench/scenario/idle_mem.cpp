// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/process_memory.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/sleepers.hpp>

#include <algorithm>

namespace troupe::bench {
namespace {

struct footprint {
  std::uint64_t resident = settled_resident_bytes();
  std::uint64_t page_tables = page_table_bytes();
};

// What the start of the actors added, for each of them. Signed: a tiny population may seem to
// take less than nothing.
double bytes_each(std::uint64_t before, std::uint64_t after, std::uint64_t actors) {
  return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(actors);
}

result run(const arguments& with) {
  const std::uint64_t actors = with.count("actors");
  finish_line finished;
  system sys(options_from(with));
  const auto counting = sys.spawn<answer_counter>(actors, &finished);
  // The handles are the benchmark's, not the actors': their memory is there, and touched, before.
  std::vector<actor_ref<void(question)>> sleepers(actors);

  const footprint before;
  const stopwatch watch;
  spawn_sleepers(sys, with.text("style"), sleepers);
  const auto elapsed = watch.elapsed();
  const footprint after;

  for (const auto& each : sleepers) each.send(question{counting});
  finished.wait();
  expect_equal("answers", actors, sys.ask(counting, get_answers{}));
  return {.ops = actors,
          .elapsed = elapsed,
          .special = {{"bytes_per_actor", bytes_each(before.resident, after.resident, actors)},
                      {"page_table_bytes_per_actor",
                       bytes_each(before.page_tables, after.page_tables, actors)},
                      {"rss_mb", megabytes(after.resident)}}};
}

const registration here({
    .name = "idle-mem",
    .summary = "resident memory of actors that wait for a message, and answer one afterwards; an "
               "op is a spawn",
    .parameters = {{.name = "actors",
                    .default_value = std::uint64_t{200'000},
                    .help = "alive at once"},
                   {.name = "style",
                    .default_value = std::string("handler"),
                    .help = "of the actors",
                    .choices = {"handler", "direct"}}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

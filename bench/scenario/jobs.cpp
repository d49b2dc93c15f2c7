// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>

#include <troupe/troupe.hpp>

#include <algorithm>
#include <vector>

namespace troupe::bench {
namespace {

// Every job leaves a mark in a place of its own, which costs less than a count that all share.
using marks = std::vector<std::uint8_t>;

void expect_marked(const std::string& what, const marks& all, std::uint8_t times) {
  const auto right = std::count(all.begin(), all.end(), times);
  expect_equal(what, all.size(), static_cast<std::uint64_t>(right));
}

struct phases {
  std::chrono::duration<double> run_many{};
  std::chrono::duration<double> parallel_for{};
};

void drive(context& /*self*/, marks* all, phases* took, finish_line* finished) {
  const stopwatch jobs;
  counter done;
  run_many(
      all->size(), [all](std::size_t i) { ++(*all)[i]; }, done);
  done.wait();
  took->run_many = jobs.elapsed();

  const stopwatch loop;
  parallel_for(std::size_t{0}, all->size(), [all](std::size_t i) { ++(*all)[i]; });
  took->parallel_for = loop.elapsed();
  finished->cross();
}

result run(const arguments& with) {
  marks all(with.count("jobs"));
  phases took;
  finish_line finished;
  {
    system sys(options_from(with));
    sys.spawn(drive, &all, &took, &finished);
    finished.wait();
  }
  expect_marked("jobs and steps that ran once", all, 2);
  const double nanoseconds_each = 1e9 / static_cast<double>(all.size());
  return {.ops = all.size(),
          .elapsed = took.run_many,
          .special = {{"run_many_ns_per_job", took.run_many.count() * nanoseconds_each},
                      {"parallel_for_ns_per_step", took.parallel_for.count() * nanoseconds_each}}};
}

const registration here({
    .name = "jobs",
    .summary = "an actor runs many jobs and waits for their counter; an op is a job. Then a "
               "parallel_for with as many steps",
    .parameters = {{.name = "jobs", .default_value = std::uint64_t{5'000'000}, .help = "to run"}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

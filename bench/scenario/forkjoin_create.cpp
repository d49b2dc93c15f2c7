// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/process_memory.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/savina_work.hpp>

#include <troupe/troupe.hpp>

#include <algorithm>
#include <vector>

namespace troupe::bench {
namespace {

struct work {
  double theta;
};
struct fork_all {};

/// Handles one message, and ends. Leaves its mark in a place of its own, which costs less than a
/// count that all actors share.
class worker_actor : public actor<void(work)> {
 public:
  worker_actor(std::uint8_t* mark, bool compute) : mark_(mark), compute_(compute) {}

  void on(work given) {
    if (compute_) compute_as_savina(given.theta);
    ++*mark_;
    self().quit();
  }

 private:
  std::uint8_t* mark_;
  bool compute_;
};

class driver : public actor<void(fork_all)> {
 public:
  driver(std::vector<std::uint8_t>* marks, bool compute) : marks_(marks), compute_(compute) {}

  void on(fork_all) {
    for (std::uint8_t& mark : *marks_) {
      self().spawn<worker_actor>(&mark, compute_).send(work{37.2});
    }
    self().quit();
  }

 private:
  std::vector<std::uint8_t>* marks_;
  bool compute_;
};

result run(const arguments& with) {
  std::vector<std::uint8_t> marks(with.count("actors"));
  system sys(options_from(with));
  const auto driving = sys.spawn<driver>(&marks, with.text("work") == "savina");

  const stopwatch watch;
  driving.send(fork_all{});
  sys.await_actors();
  const auto elapsed = watch.elapsed();

  const auto once = std::count(marks.begin(), marks.end(), std::uint8_t{1});
  expect_equal("actors that handled one message", marks.size(), static_cast<std::uint64_t>(once));
  return {.ops = marks.size(),
          .elapsed = elapsed,
          .special = {{"rss_peak_mb", megabytes(peak_resident_bytes())}}};
}

const registration here({
    .name = "forkjoin-create",
    .summary = "Savina's fjcreate: one actor spawns many, each gets one message and ends; an op is "
               "an actor",
    .parameters = {{.name = "actors",
                    .default_value = std::uint64_t{2'000'000},
                    .help = "to spawn"},
                   {.name = "work",
                    .default_value = std::string("none"),
                    .help = "of each message: nothing, or the sine that Savina computes",
                    .choices = {"none", "savina"}}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

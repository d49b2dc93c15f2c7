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

#include <utility>
#include <vector>

namespace troupe::bench {
namespace {

struct work {
  double theta;
};
struct get_handled {};
struct fork_all {};

class worker_actor : public actor<void(work), std::uint64_t(get_handled)> {
 public:
  worker_actor(std::uint64_t expected, bool compute, finish_line* finished)
      : expected_(expected), compute_(compute), finished_(finished) {}

  void on(work given) {
    if (compute_) compute_as_savina(given.theta);
    if (++handled_ == expected_) finished_->cross();
  }
  std::uint64_t on(get_handled) { return handled_; }

 private:
  std::uint64_t handled_ = 0;
  std::uint64_t expected_;
  bool compute_;
  finish_line* finished_;
};

class driver : public actor<void(fork_all)> {
 public:
  driver(std::vector<actor_ref<void(work)>> workers, std::uint64_t messages)
      : workers_(std::move(workers)), messages_(messages) {}

  void on(fork_all) {
    for (std::uint64_t i = 0; i < messages_; ++i) {
      for (const auto& each : workers_) each.send(work{37.2});
    }
  }

 private:
  std::vector<actor_ref<void(work)>> workers_;
  std::uint64_t messages_;
};

result run(const arguments& with) {
  const std::uint64_t messages = with.count("messages");
  const bool compute = with.text("work") == "savina";
  std::vector<ref_of<worker_actor>> workers(with.count("actors"));
  finish_line finished(workers.size());
  system sys(options_from(with));
  for (auto& each : workers) each = sys.spawn<worker_actor>(messages, compute, &finished);
  const auto driving = sys.spawn<driver>(
      std::vector<actor_ref<void(work)>>(workers.begin(), workers.end()), messages);

  const stopwatch watch;
  driving.send(fork_all{});
  finished.wait();
  const auto elapsed = watch.elapsed();

  for (const auto& each : workers) {
    expect_equal("messages of an actor", messages, sys.ask(each, get_handled{}));
  }
  return {.ops = messages * workers.size(),
          .elapsed = elapsed,
          .special = {{"rss_peak_mb", megabytes(peak_resident_bytes())}}};
}

const registration here({
    .name = "forkjoin-throughput",
    .summary = "Savina's fjthrput: one actor sends to many in turn, all from one handler; an op is "
               "a message",
    .parameters = {{.name = "actors", .default_value = std::uint64_t{60}, .help = "that receive"},
                   {.name = "messages",
                    .default_value = std::uint64_t{200'000},
                    .help = "to each actor"},
                   {.name = "work",
                    .default_value = std::string("none"),
                    .help = "of each message: nothing, or the sine that Savina computes",
                    .choices = {"none", "savina"}}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/process_memory.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/scenario/flood.hpp>

#include <troupe/troupe.hpp>

#include <algorithm>
#include <vector>

namespace troupe::bench {
namespace {

struct increment {};
struct round_over {};
struct get_total {};
struct start_round {};
struct tick {};

using producer_ref = actor_ref<void(start_round)>;
struct begin {
  std::vector<producer_ref> producers;
};

/// Counts increments; starts rounds until the time is up.
class consumer
    : public actor<void(begin), void(increment), void(round_over), std::uint64_t(get_total)> {
 public:
  consumer(double seconds, finish_line* finished) : seconds_(seconds), finished_(finished) {}

  void on(begin&& all) {
    producers_ = std::move(all.producers);
    watch_ = stopwatch();
    start();
  }
  void on(increment) { ++total_; }
  void on(round_over) {
    if (--producing_ > 0) return;
    if (watch_.elapsed().count() < seconds_) {
      start();
    } else {
      finished_->cross();
    }
  }
  std::uint64_t on(get_total) { return total_; }

 private:
  void start() {
    producing_ = producers_.size();
    for (const producer_ref& each : producers_) each.send(start_round{});
  }

  std::vector<producer_ref> producers_;
  std::size_t producing_ = 0;
  std::uint64_t total_ = 0;
  stopwatch watch_;
  double seconds_;
  finish_line* finished_;
};

struct get_rounds {};

/// Sends the messages of a round from one handler, or in bursts between which others get a turn.
class producer : public actor<void(start_round), void(tick), std::uint64_t(get_rounds)> {
 public:
  producer(actor_ref<void(increment), void(round_over)> to, std::uint64_t messages,
           std::uint64_t burst)
      : to_(to), messages_(messages), burst_(burst == 0 ? messages : burst) {}

  void on(start_round) {
    ++rounds_;
    left_ = messages_;
    send_burst();
  }
  void on(tick) { send_burst(); }
  std::uint64_t on(get_rounds) { return rounds_; }

 private:
  void send_burst() {
    const std::uint64_t now = std::min(burst_, left_);
    for (std::uint64_t i = 0; i < now; ++i) to_.send(increment{});
    left_ -= now;
    if (left_ > 0) {
      self().ref<void(tick)>().send(tick{});
    } else {
      to_.send(round_over{});
    }
  }

  actor_ref<void(increment), void(round_over)> to_;
  std::uint64_t messages_;
  std::uint64_t burst_;
  std::uint64_t left_ = 0;
  std::uint64_t rounds_ = 0;
};

// Samples of the resident memory while the flood lasts.
struct memory_course {
  std::uint64_t first_half = 0;  // the largest in the first half of the planned time
  std::uint64_t second_half = 0;

  void wait_for(finish_line& finished, double seconds) {
    const stopwatch watch;
    while (!finished.wait_for(std::chrono::milliseconds(50))) {
      std::uint64_t& half = watch.elapsed().count() < seconds / 2 ? first_half : second_half;
      half = std::max(half, resident_bytes_roughly());
    }
  }
};

}  // namespace

result run_flood(const flood& plan) {
  system sys(plan.setup);
  finish_line finished;
  const auto consuming = sys.spawn<consumer>(plan.seconds, &finished);
  std::vector<ref_of<producer>> producers;
  for (std::uint64_t i = 0; i < plan.producers; ++i) {
    producers.push_back(sys.spawn<producer>(consuming, plan.messages, plan.burst));
  }

  memory_course memory;
  const stopwatch watch;
  consuming.send(begin{{producers.begin(), producers.end()}});
  if (plan.seconds > 0) memory.wait_for(finished, plan.seconds);
  finished.wait();
  const auto elapsed = watch.elapsed();

  std::uint64_t rounds = 0;
  for (const auto& each : producers) rounds += sys.ask(each, get_rounds{});
  const std::uint64_t total = sys.ask(consuming, get_total{});
  expect_equal("messages", rounds * plan.messages, total);
  result outcome{.ops = total, .elapsed = elapsed};
  outcome.special = {{"rounds", rounds / plan.producers},
                     {"rss_peak_mb", megabytes(peak_resident_bytes())}};
  if (plan.seconds > 0) {
    outcome.special.emplace_back("rss_first_half_mb", megabytes(memory.first_half));
    outcome.special.emplace_back("rss_second_half_mb", megabytes(memory.second_half));
  }
  return outcome;
}

std::vector<parameter> flood_parameters(std::uint64_t messages) {
  return {{.name = "messages", .default_value = messages, .help = "of each producer in a round"},
          {.name = "burst",
           .default_value = std::uint64_t{0},
           .help = "messages sent from one handler, before the producer sends itself a message to "
                   "go on; 0: all of them, as in Savina",
           .minimum = 0},
          {.name = "seconds",
           .default_value = 0.0,
           .help = "repeat rounds for so long and watch the memory; 0: one round",
           .minimum = 0}};
}

}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/percentile.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>

#include <troupe/troupe.hpp>

#include <algorithm>
#include <random>
#include <vector>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;
using milliseconds = std::chrono::duration<double, std::milli>;

struct rung {
  std::uint32_t index;
  clock::time_point due;
};
struct wind_up {};
struct never {};

// What is asked of the timers, and what came of it.
struct course {
  std::uint64_t timers = 0;
  std::uint64_t cancelled_percent = 0;
  std::chrono::milliseconds first_after{};
  std::chrono::milliseconds spread{};

  double arm_ns = 0;
  double cancel_ns = 0;
  double pair_ns = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t fired_though_cancelled = 0;
  std::uint64_t fired_twice = 0;
  std::uint64_t early = 0;
  std::vector<double> lateness{};  // in milliseconds
  std::chrono::duration<double> pairs_took{};
};

enum class fate : std::uint8_t { armed, cancelled, fired };

/// Arms many timers over a stretch of time, arms and cancels one as often beside them, cancels some
/// of the many, and notes when the others ring.
class clockwork : public actor<void(wind_up), void(rung), void(never)> {
 public:
  clockwork(course* noted, finish_line* finished) : noted_(noted), finished_(finished) {}

  void on(wind_up) {
    fates_.assign(noted_->timers, fate::armed);
    noted_->lateness.reserve(noted_->timers);
    arm();
    arm_and_cancel();
    cancel();
    left_ = noted_->timers - noted_->cancelled;
    if (left_ == 0) finished_->cross();
  }

  void on(const rung& ringing) {
    const auto late = clock::now() - ringing.due;
    noted_->lateness.push_back(milliseconds(late).count());
    if (late < clock::duration::zero()) ++noted_->early;
    fate& known = fates_[ringing.index];
    if (known == fate::cancelled) ++noted_->fired_though_cancelled;
    if (known == fate::fired) ++noted_->fired_twice;
    known = fate::fired;
    if (--left_ == 0) finished_->cross();
  }

  void on(never) { ++noted_->fired_though_cancelled; }

 private:
  void arm() {
    const auto me = self().ref<void(rung)>();
    std::minstd_rand random(1);
    std::vector<std::chrono::milliseconds> delays(noted_->timers);
    const auto spread = static_cast<std::uint32_t>(noted_->spread.count());
    for (auto& each : delays) {
      each = noted_->first_after + std::chrono::milliseconds(random() % spread);
    }
    timers_.reserve(noted_->timers);
    const stopwatch watch;
    auto now = clock::now();
    for (std::uint32_t i = 0; i < noted_->timers; ++i) {
      // Reading the clock takes as long as arming: a time of a microsecond ago does as well. It
      // makes timers look late by so much, and hides that they are early by no more.
      if (i % 16 == 0) now = clock::now();
      timers_.push_back(self().send_after(delays[i], me, rung{i, now + delays[i]}));
    }
    noted_->arm_ns = watch.nanoseconds_each(noted_->timers);
  }

  void arm_and_cancel() {
    const auto me = self().ref<void(never)>();
    const stopwatch watch;
    for (std::uint64_t i = 0; i < noted_->timers; ++i) {
      if (!self().send_after(std::chrono::seconds(30), me, never{}).cancel()) {
        ++noted_->fired_though_cancelled;
      }
    }
    noted_->pairs_took = watch.elapsed();
    noted_->pair_ns = watch.nanoseconds_each(noted_->timers);
  }

  // In random order: an application's timers are not cancelled in the order they were armed in.
  void cancel() {
    std::vector<std::uint32_t> order(noted_->timers);
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), std::minstd_rand(2));
    order.resize(noted_->timers * noted_->cancelled_percent / 100);
    const stopwatch watch;
    for (const std::uint32_t index : order) {
      if (!timers_[index].cancel()) continue;
      fates_[index] = fate::cancelled;
      ++noted_->cancelled;
    }
    if (!order.empty()) noted_->cancel_ns = watch.nanoseconds_each(order.size());
  }

  course* noted_;
  finish_line* finished_;
  std::vector<timer> timers_;
  std::vector<fate> fates_;
  std::uint64_t left_ = 0;
};

result run(const arguments& with) {
  course noted;
  noted.timers = with.count("timers");
  noted.cancelled_percent = with.count("cancel-percent");
  noted.first_after = std::chrono::milliseconds(with.count("first-ms"));
  noted.spread = std::chrono::milliseconds(with.count("spread-ms"));
  {
    finish_line finished;
    system sys(options_from(with));
    sys.spawn<clockwork>(&noted, &finished).send(wind_up{});
    finished.wait();
    // What was cancelled has until here to ring all the same.
  }
  expect_equal("timers that rang though cancelled", 0, noted.fired_though_cancelled);
  expect_equal("timers that rang twice", 0, noted.fired_twice);
  expect_equal("timers that rang", noted.timers - noted.cancelled, noted.lateness.size());
  expect_equal("timers that rang early", 0, noted.early);
  std::sort(noted.lateness.begin(), noted.lateness.end());
  return {.ops = noted.timers,
          .elapsed = noted.pairs_took,
          .special = {{"arm_cancel_pair_ns", noted.pair_ns},
                      {"arm_ns", noted.arm_ns},
                      {"cancel_ns", noted.cancel_ns},
                      {"cancelled", noted.cancelled},
                      {"fired", std::uint64_t{noted.lateness.size()}},
                      {"early", noted.early},
                      {"lateness_p50_ms", percentile(noted.lateness, 50)},
                      {"lateness_p99_ms", percentile(noted.lateness, 99)},
                      {"lateness_max_ms", percentile(noted.lateness, 100)}}};
}

const registration here({
    .name = "timers",
    .summary = "delayed messages: arm many, cancel some, let the others come; an op is arming and "
               "cancelling one beside the many",
    .parameters = {{.name = "timers",
                    .default_value = std::uint64_t{1'000'000},
                    .help = "armed at once"},
                   {.name = "cancel-percent",
                    .default_value = std::uint64_t{50},
                    .help = "of them cancelled",
                    .minimum = 0},
                   {.name = "first-ms",
                    .default_value = std::uint64_t{2000},
                    .help = "shortest delay; arming and cancelling all must take less"},
                   {.name = "spread-ms",
                    .default_value = std::uint64_t{4000},
                    .help = "the delays lie so far apart, evenly"}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

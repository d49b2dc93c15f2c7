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
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;
using milliseconds = std::chrono::duration<double, std::milli>;

struct rung {
  std::uint32_t index;
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

/// What the two kinds of clockwork have in common: when each timer is due, which of them are to be
/// cancelled, and notes of those that ring.
class plan {
 public:
  plan(course* noted, finish_line* finished) : noted_(noted), finished_(finished) {
    fates_.assign(noted_->timers, fate::armed);
    due_.resize(noted_->timers);
    noted_->lateness.reserve(noted_->timers);
  }

  /// Calls `arm_one(index, delay, due)` for each timer, whose delay begins right after the clock
  /// was read for `due`: one that rings before is early, by however little. (Reading the clock
  /// takes part of arm_ns.)
  template <class F>
  void arm(F&& arm_one) {
    std::minstd_rand random(1);
    std::vector<std::chrono::milliseconds> delays(noted_->timers);
    const auto spread = static_cast<std::uint32_t>(noted_->spread.count());
    for (auto& each : delays) {
      each = noted_->first_after + std::chrono::milliseconds(random() % spread);
    }
    const stopwatch watch;
    for (std::uint32_t i = 0; i < noted_->timers; ++i) {
      due_[i] = clock::now() + delays[i];
      arm_one(i, delays[i], due_[i]);
    }
    noted_->arm_ns = watch.nanoseconds_each(noted_->timers);
  }

  /// Calls `arm_and_cancel_all(how_many)`, which arms one timer beside the others and cancels it,
  /// so often.
  template <class F>
  void time_pairs(F&& arm_and_cancel_all) {
    const stopwatch watch;
    arm_and_cancel_all(noted_->timers);
    noted_->pairs_took = watch.elapsed();
    noted_->pair_ns = watch.nanoseconds_each(noted_->timers);
  }

  /// Calls `cancel_one(index)` for those to be cancelled; false: too late for it. In random order:
  /// an application's timers are not cancelled in the order they were armed in.
  template <class F>
  void cancel(F&& cancel_one) {
    std::vector<std::uint32_t> order(noted_->timers);
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), std::minstd_rand(2));
    order.resize(noted_->timers * noted_->cancelled_percent / 100);
    const stopwatch watch;
    for (const std::uint32_t index : order) {
      if (!cancel_one(index)) continue;
      fates_[index] = fate::cancelled;
      ++noted_->cancelled;
    }
    if (!order.empty()) noted_->cancel_ns = watch.nanoseconds_each(order.size());
    left_ = noted_->timers - noted_->cancelled;
    if (left_ == 0) finished_->cross();
  }

  void rang(std::uint32_t index, clock::time_point now) {
    const auto late = now - due_[index];
    noted_->lateness.push_back(milliseconds(late).count());
    if (late < clock::duration::zero()) ++noted_->early;
    fate& known = fates_[index];
    if (known == fate::cancelled) ++noted_->fired_though_cancelled;
    if (known == fate::fired) ++noted_->fired_twice;
    known = fate::fired;
    if (--left_ == 0) finished_->cross();
  }

  void rang_though_cancelled() { ++noted_->fired_though_cancelled; }

 private:
  course* noted_;
  finish_line* finished_;
  std::vector<clock::time_point> due_;
  std::vector<fate> fates_;
  std::uint64_t left_ = 0;
};

/// Arms many timers over a stretch of time, arms and cancels one as often beside them, cancels some
/// of the many, and notes when the others ring. By delayed messages.
class clockwork : public actor<void(wind_up), void(rung), void(never)> {
 public:
  clockwork(course* noted, finish_line* finished) : plan_(noted, finished) {}

  void on(wind_up) {
    const auto me = self().ref<void(rung), void(never)>();
    plan_.arm([&](std::uint32_t index, std::chrono::milliseconds delay, clock::time_point) {
      timers_.push_back(self().send_after(delay, me, rung{index}));
    });
    plan_.time_pairs([&](std::uint64_t pairs) {
      for (; pairs > 0; --pairs) {
        if (!self().send_after(std::chrono::seconds(30), me, never{}).cancel()) {
          plan_.rang_though_cancelled();
        }
      }
    });
    plan_.cancel([&](std::uint32_t index) { return timers_[index].cancel(); });
  }

  void on(rung which) { plan_.rang(which.index, clock::now()); }
  void on(never) { plan_.rang_though_cancelled(); }

 private:
  plan plan_;
  std::vector<timer> timers_;
};

/// The same by the timeouts of one reactor. A request to it is a message, so a pair is armed and
/// cancelled when the reactor has handled both; arm_ns and cancel_ns are of sending alone.
class reactor_clockwork : public actor<void(wind_up)> {
 public:
  reactor_clockwork(course* noted, finish_line* finished) : plan_(noted, finished) {}

  void on(wind_up) {
    reactor_ = self().reactor();
    plan_.arm([&](std::uint32_t index, std::chrono::milliseconds, clock::time_point due) {
      const auto id = io::timeout_id::make();
      ids_.push_back(id);
      index_of_.emplace(id, index);
      send(io::set_timeout{id, due, self().ref()});
    });
    await_reactor();
    plan_.time_pairs([&](std::uint64_t pairs) {
      for (; pairs > 0; --pairs) {
        const auto id = io::timeout_id::make();
        send(io::set_timeout{id, std::chrono::seconds(30), self().ref()});
        send(io::cancel_timeout{id});
      }
      await_reactor();
    });
    plan_.cancel([&](std::uint32_t index) {
      send(io::cancel_timeout{ids_[index]});
      return true;
    });
  }

  void on(io::timeout which) {
    const auto now = clock::now();
    const auto known = index_of_.find(which.id);
    if (known == index_of_.end()) return plan_.rang_though_cancelled();
    plan_.rang(known->second, now);
  }

 private:
  template <class Request>
  void send(const Request& request) {
    reactor_.send(request);
    ++sent_;
  }

  void await_reactor() {
    while (reactor_.statistics().requests < sent_) self().yield();
  }

  plan plan_;
  io::reactor_ref reactor_;
  std::uint64_t sent_ = 0;
  std::vector<io::timeout_id> ids_;
  std::unordered_map<io::timeout_id, std::uint32_t> index_of_;
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
    if (with.text("by") == "reactor") {
      sys.spawn<reactor_clockwork>(&noted, &finished).send(wind_up{});
    } else {
      sys.spawn<clockwork>(&noted, &finished).send(wind_up{});
    }
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
    .summary = "timers: arm many, cancel some, let the others come; an op is arming and "
               "cancelling one beside the many",
    .parameters = {{.name = "timers",
                    .default_value = std::uint64_t{1'000'000},
                    .help = "armed at once"},
                   {.name = "cancel-percent",
                    .default_value = std::uint64_t{10},
                    .help = "of them cancelled",
                    .minimum = 0,
                    .maximum = 100},
                   {.name = "by",
                    .default_value = std::string("message"),
                    .help = "delayed messages, or timeouts of one reactor",
                    .choices = {"message", "reactor"}},
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

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/scheduler/internal/timer_wheel.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace troupe::detail {
namespace {

// A tick is this file's millisecond, and a thousand of them its second.
constexpr std::uint64_t ms = timer_wheel::tick_ns;
constexpr std::uint64_t second = 1000 * ms;
constexpr std::uint64_t hour = 3600 * second;
constexpr std::uint64_t year = 365 * 24 * hour;
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

std::uint64_t ceil_ms(std::uint64_t ns) { return ns / ms + (ns % ms != 0 ? 1 : 0); }

// Advances and gives the nodes in the order in which they fired.
std::vector<const timer_node*> fired(timer_wheel& wheel, std::uint64_t now_ns,
                                     std::size_t budget = no_limit) {
  std::vector<const timer_node*> order;
  const std::size_t count =
      wheel.advance(now_ns, budget, [&](timer_node& node) { order.push_back(&node); });
  EXPECT_EQ(count, order.size());
  return order;
}

using nodes = std::vector<const timer_node*>;

TEST(TimerWheel, FiresAtTheTickThatItsDeadlineRoundsUpToAndNotBefore) {
  for (const std::uint64_t start : {std::uint64_t{0}, 7 * ms + 3, 5 * year}) {
    timer_wheel wheel(start);
    timer_node node;
    const std::uint64_t deadline = start + 10 * ms + 1;
    wheel.arm(node, deadline);
    EXPECT_TRUE(node.armed());
    const std::uint64_t due = ceil_ms(deadline) * ms;
    EXPECT_EQ(fired(wheel, deadline - 1), nodes{});
    EXPECT_EQ(fired(wheel, due - 1), nodes{});
    EXPECT_EQ(fired(wheel, due), nodes{&node});
    EXPECT_FALSE(node.armed());
    EXPECT_EQ(fired(wheel, due + hour), nodes{});
  }
}

TEST(TimerWheel, FiresADeadlineInThePastAtOnce) {
  timer_wheel wheel(second);
  timer_node past;
  timer_node now;
  wheel.arm(past, 3);
  wheel.arm(now, second);
  EXPECT_EQ(wheel.next_deadline_ns(), second);
  EXPECT_EQ(fired(wheel, second), (nodes{&past, &now}));
}

TEST(TimerWheel, CancelsOnceAndRearms) {
  timer_wheel wheel(0);
  timer_node node;
  EXPECT_FALSE(wheel.cancel(node));
  wheel.arm(node, 50 * ms);
  EXPECT_EQ(wheel.size(), 1U);
  EXPECT_TRUE(wheel.cancel(node));
  EXPECT_FALSE(wheel.cancel(node));
  EXPECT_EQ(wheel.size(), 0U);
  EXPECT_EQ(wheel.next_deadline_ns(), std::nullopt);
  wheel.arm(node, 20 * ms);
  wheel.arm(node, 2 * hour);  // moves it
  EXPECT_EQ(wheel.size(), 1U);
  EXPECT_EQ(fired(wheel, hour), nodes{});
  EXPECT_EQ(fired(wheel, 2 * hour), nodes{&node});
}

TEST(TimerWheel, FiresNodesOfOneTickInTheOrderOfArming) {
  for (const std::uint64_t deadline : {3 * ms, 63 * ms, 64 * ms, 65 * ms, 10 * second, 3 * hour}) {
    timer_wheel wheel(0);
    std::vector<timer_node> timers(24);
    nodes expected;
    for (std::size_t i = 0; i < timers.size(); ++i) {
      // Armed at different distances, so on different levels.
      EXPECT_EQ(fired(wheel, deadline / timers.size() * i), nodes{});
      wheel.arm(timers[i], deadline);
      expected.push_back(&timers[i]);
    }
    EXPECT_EQ(fired(wheel, deadline), expected) << deadline;
  }
}

TEST(TimerWheel, FiresInTheOrderOfTicksAcrossLevels) {
  timer_wheel wheel(12345 * ms);
  std::vector<timer_node> timers(40);
  for (std::size_t i = timers.size(); i-- > 0;)
    wheel.arm(timers[i], 12345 * ms + (std::uint64_t{1} << i) * ms);
  nodes expected;
  for (const timer_node& node : timers) expected.push_back(&node);
  EXPECT_EQ(fired(wheel, 100 * year), expected);
}

TEST(TimerWheel, TakesDeadlinesAsFarAwayAsTheClockReaches) {
  timer_wheel wheel(0);
  timer_node last;
  timer_node eve;
  timer_node century;
  wheel.arm(last, std::numeric_limits<std::uint64_t>::max());
  wheel.arm(eve, std::numeric_limits<std::uint64_t>::max() / ms * ms);
  wheel.arm(century, 100 * year);
  EXPECT_EQ(fired(wheel, 99 * year), nodes{});
  EXPECT_EQ(wheel.next_deadline_ns(), 100 * year);
  EXPECT_EQ(fired(wheel, 101 * year), nodes{&century});
  constexpr std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(fired(wheel, end - 1), nodes{&eve});
  // Its tick is beyond what the clock can show; the end of time has to do.
  EXPECT_EQ(wheel.next_deadline_ns(), end);
  EXPECT_EQ(fired(wheel, end), nodes{&last});
}

TEST(TimerWheel, LeavesWhatIsBeyondTheBudgetDue) {
  timer_wheel wheel(0);
  std::vector<timer_node> timers(10);
  for (std::size_t i = 0; i < timers.size(); ++i) wheel.arm(timers[i], (i / 2 + 1) * ms);
  EXPECT_EQ(fired(wheel, second, 3), (nodes{&timers[0], &timers[1], &timers[2]}));
  EXPECT_LE(wheel.next_deadline_ns(), second);
  timer_node late;  // due before what was left over
  wheel.arm(late, 2 * ms);
  EXPECT_EQ(fired(wheel, second, 0), nodes{});
  EXPECT_EQ(fired(wheel, second, 2), (nodes{&timers[3], &late}));
  EXPECT_EQ(fired(wheel, second).size(), 6U);
}

TEST(TimerWheel, LetsACallbackArmAndCancelWhatItLikes) {
  timer_wheel wheel(0);
  timer_node periodic;
  timer_node victim;
  timer_node next;
  int rounds = 0;
  wheel.arm(periodic, 5 * ms);
  wheel.arm(victim, 5 * ms);
  const auto fire = [&](timer_node& node) {
    EXPECT_FALSE(node.armed());
    if (&node == &next) return;
    ASSERT_EQ(&node, &periodic);
    EXPECT_EQ(wheel.cancel(victim), rounds == 0);
    wheel.arm(next, 1 * ms);  // in the past: in this same call
    wheel.arm(node, node.deadline_ns + 5 * ms);
    ++rounds;
  };
  EXPECT_EQ(wheel.advance(100 * ms, no_limit, fire), 40U);
  EXPECT_EQ(rounds, 20);
  EXPECT_EQ(wheel.next_deadline_ns(), 105 * ms);
}

TEST(TimerWheel, BoundsACallThatRearmsForThePastByItsBudget) {
  timer_wheel wheel(0);
  timer_node node;
  wheel.arm(node, 0);
  EXPECT_EQ(wheel.advance(0, 100, [&](timer_node& again) { wheel.arm(again, 0); }), 100U);
}

TEST(TimerWheel, IgnoresAClockThatGoesBack) {
  timer_wheel wheel(0);
  timer_node node;
  EXPECT_EQ(fired(wheel, hour), nodes{});
  wheel.arm(node, hour + ms);
  EXPECT_EQ(fired(wheel, second), nodes{});
  EXPECT_EQ(fired(wheel, hour + ms), nodes{&node});
}

TEST(TimerWheel, WakesASleeperOnceForALoneTimer) {
  for (const std::uint64_t start : {std::uint64_t{0}, 987'654'321 * ms}) {
    for (std::uint64_t distance = 1; distance < 10 * year / ms; distance = distance * 3 + 1) {
      timer_wheel wheel(start);
      timer_node node;
      wheel.arm(node, start + distance * ms);
      ASSERT_EQ(wheel.next_deadline_ns(), start + distance * ms);
      ASSERT_EQ(fired(wheel, start + distance * ms), nodes{&node});
    }
  }
}

// A sleeper that relies on next_deadline_ns alone fires everything on time, in few wake-ups.
TEST(TimerWheel, SleepingOnTheNextDeadlineIsNeverLateAndDoesNotSpin) {
  std::mt19937_64 random(test::seed());
  for (const std::size_t count : {2U, 5U, 100U, 3000U}) {
    std::uint64_t now = random() % year;
    timer_wheel wheel(now);
    std::vector<timer_node> timers(count);
    for (timer_node& node : timers) wheel.arm(node, now + (random() >> (24 + random() % 38)));
    std::size_t wakes = 0;
    std::size_t done = 0;
    while (const auto next = wheel.next_deadline_ns()) {
      now = std::max(now, *next);
      ++wakes;
      ASSERT_LE(wakes, 10 * count);
      done += wheel.advance(now, 16, [&](const timer_node& node) {
        ASSERT_LE(node.deadline_ns, now);
        // Late only by what the budget, not the bound, has left over.
        if (count <= 16) {
          ASSERT_EQ(ceil_ms(node.deadline_ns), now / ms);
        }
      });
    }
    ASSERT_EQ(done, count);
  }
}

// ---- against a naive model ----

// What the wheel promises, in the most simple way: a sorted map of (tick, order of arming).
class rig {
 public:
  rig(std::uint64_t seed, std::size_t timers)
      : random_(seed), now_(random_() >> (random_() % 64) >> 2), wheel_(now_), timers_(timers) {}

  void run(int operations) {
    for (int i = 0; i < operations && !testing::Test::HasFatalFailure(); ++i) {
      switch (random_() % 8) {
        case 0:
        case 1:
        case 2:
        case 3:
          arm(any());
          break;
        case 4:
          cancel(any());
          break;
        default:
          now_ += step();
          advance(random_() % 3 == 0 ? random_() % 20 : no_limit);
      }
      check();
    }
    while (!model_.empty() && !testing::Test::HasFatalFailure()) {
      now_ = std::max(now_, wheel_.next_deadline_ns().value());
      calm_ = true;
      advance(random_() % 8 + 1);
      check();
    }
  }

 private:
  using key = std::pair<std::uint64_t, std::uint64_t>;  // tick, order of arming

  std::size_t any() { return random_() % timers_.size(); }

  // From nothing to hours, all magnitudes alike.
  std::uint64_t step() { return random_() >> (20 + random_() % 44); }

  std::uint64_t deadline() {
    switch (random_() % 16) {
      case 0:
        return random_() % (now_ + 1);  // past
      case 1:
        return now_;
      case 2:
        return std::max(now_, random_());  // decades ahead
      case 3:
        return (now_ / ms + (std::uint64_t{1} << random_() % 30) + random_() % 3) * ms;
      default:
        return now_ + step();
    }
  }

  void arm(std::size_t index) {
    const std::uint64_t at = deadline();
    forget(index);
    wheel_.arm(timers_[index], at);
    const key place{std::max(ceil_ms(at), wheel_.current_tick()), ++armed_};
    model_.emplace(place, index);
    places_[index] = place;
  }

  void cancel(std::size_t index) {
    ASSERT_EQ(wheel_.cancel(timers_[index]), places_.contains(index));
    forget(index);
  }

  void forget(std::size_t index) {
    const auto found = places_.find(index);
    if (found == places_.end()) return;
    model_.erase(found->second);
    places_.erase(found);
  }

  void fire(timer_node& node) {
    ASSERT_FALSE(model_.empty());
    const auto [place, index] = *model_.begin();
    ASSERT_EQ(&node, &timers_[index]);            // in order, once
    ASSERT_LE(place.first, now_ / ms);            // never early
    ASSERT_LE(timers_[index].deadline_ns, now_);  // never early, without the model's rounding
    ASSERT_FALSE(node.armed());
    forget(index);
    if (calm_) return;
    if (random_() % 4 == 0) arm(index);
    if (random_() % 8 == 0) arm(any());
    if (random_() % 4 == 0) cancel(any());
  }

  void advance(std::size_t budget) {
    // Callbacks that rearm for the past must come to an end.
    budget = std::min<std::size_t>(budget, 4 * timers_.size());
    const std::size_t count = wheel_.advance(now_, budget, [this](timer_node& node) {
      if (!testing::Test::HasFatalFailure()) fire(node);
    });
    ASSERT_LE(count, budget);
    // It has caught up, or it says that there is more to do: the budget was used up, or so many
    // nodes had to be moved that the call stopped.
    if (wheel_.current_tick() != now_ / ms) {
      ASSERT_LE(wheel_.next_deadline_ns().value(), now_);
    }
    if (!model_.empty() && model_.begin()->first.first <= now_ / ms) {
      ASSERT_LE(wheel_.next_deadline_ns().value(), now_);
    }
  }

  void check() {
    ASSERT_EQ(wheel_.size(), model_.size());
    const auto next = wheel_.next_deadline_ns();
    ASSERT_EQ(next.has_value(), !model_.empty());
    if (next && model_.begin()->first.first <= std::numeric_limits<std::uint64_t>::max() / ms) {
      ASSERT_LE(*next, model_.begin()->first.first * ms);
    }
  }

  std::mt19937_64 random_;
  std::uint64_t now_;
  timer_wheel wheel_;
  std::vector<timer_node> timers_;
  std::map<key, std::size_t> model_;
  std::map<std::size_t, key> places_;
  std::uint64_t armed_ = 0;
  bool calm_ = false;  // callbacks do nothing, so that the rig can be emptied
};

TEST(TimerWheel, DoesWhatANaiveModelDoes) {
  std::mt19937_64 seeds(test::seed());
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    for (const std::size_t timers : {3U, 40U, 1000U}) {
      rig(seeds(), timers).run(1500);
      if (HasFatalFailure()) return;
    }
  }
}

// A call moves a few hundred nodes at most; so a crowd has to be moved before its time comes. In a
// simulated world where each call takes a tenth of a tick, a crowd moved too late would be late by
// tens of ticks: its first deadline is where slots of many levels begin.
TEST(TimerWheel, SettlesACrowdedSlotBeforeItsTurn) {
  constexpr std::size_t count = 40'000;
  std::mt19937_64 random(test::seed());
  for (const std::uint64_t ahead : {3 * second, 100 * second, 10 * hour}) {
    const std::uint64_t begin = (std::uint64_t{1} << 40U) * ms;
    std::uint64_t now = begin - ahead;
    timer_wheel wheel(now);
    std::vector<timer_node> timers(count);
    for (timer_node& node : timers) wheel.arm(node, begin + random() % second);
    std::size_t calls = 0;
    std::uint64_t latest = 0;
    while (const auto next = wheel.next_deadline_ns()) {
      now = std::max(now + ms / 10, *next);
      ++calls;
      wheel.advance(now, 32, [&](const timer_node& node) {
        latest = std::max(latest, now / ms - ceil_ms(node.deadline_ns));
      });
    }
    EXPECT_LE(latest, 2U) << ahead;
    EXPECT_LE(calls, count);
  }
}

TEST(TimerWheel, FiresAMillionTimersEachOnceAndOnTime) {
  constexpr std::size_t count = 1'000'000;
  std::mt19937_64 random(test::seed());
  std::uint64_t now = 77 * hour;
  timer_wheel wheel(now);
  std::vector<timer_node> timers(count);
  for (timer_node& node : timers) wheel.arm(node, now + random() % (600 * second));
  std::size_t done = 0;
  std::size_t late = 0;
  std::uint64_t last_tick = 0;
  while (const auto next = wheel.next_deadline_ns()) {
    now = std::max(now, *next);
    done += wheel.advance(now, 4096, [&](const timer_node& node) {
      const std::uint64_t tick = ceil_ms(node.deadline_ns);
      if (tick < last_tick || tick > now / ms) FAIL();
      last_tick = tick;
      if (tick < now / ms) ++late;
    });
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(done, count);
  EXPECT_EQ(late, 0U);
}

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/look_at.hpp>
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::eventually;
using test::get;
using test::look_at;
using test::must_come;
using test::must_end;
using test::spin_until;

TEST(PreemptionStatistics, BeginWithNothing) {
  const system sys({.workers = 2});
  const preemption_statistics s = sys.preemption();
  EXPECT_EQ(s.preemptions, 0U);
  EXPECT_EQ(s.unbinds, 0U);
  EXPECT_EQ(s.rescues, 0U);
  EXPECT_EQ(s.left_running, 0U);
  EXPECT_EQ(s.carriers.frozen, 0U);
  EXPECT_EQ(s.carriers.unbound, 0U);
  EXPECT_EQ(std::accumulate(s.latency.begin(), s.latency.end(), std::uint64_t{0}), 0U);
  EXPECT_TRUE(eventually([&] { return sys.preemption().carriers.bound == 2; }));
}

/// How often threads of this process went to sleep of their own accord.
long sleeps() {
  rusage used{};
  EXPECT_EQ(::getrusage(RUSAGE_SELF, &used), 0);
  return used.ru_nvcsw;
}

// Timers stop when their workers rest, and so does the monitor: none may wake up once a period to
// find nothing.
TEST(PreemptionStatistics, ASystemThatDoesNothingIsNotInterrupted) {
  for (const auto source : {signal_source::kernel_timer, signal_source::monitor}) {
    system sys({.workers = 2, .preempt = {.source = source}});
    const auto actor = sys.spawn<echo>();
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(sys.ask(actor, get{}), 1);
      EXPECT_TRUE(eventually([] {
        const long before = sleeps();
        std::this_thread::sleep_for(100ms);  // a hundred periods
        return sleeps() - before < 20;
      }));
      // And it wakes up again when there is something to do.
      std::atomic<bool> stop{false};
      const std::uint64_t taken = test::times_taken(sys);
      for (int i = 0; i < 4; ++i)
        sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
      must_come(sys, [&] { return test::times_taken(sys) > taken + 10; });
      stop = true;
      must_come(sys, [&] { return sys.actor_count() == 1; });
    }
  }
}

TEST(PreemptionStatistics, SayWhereTheCarriersAre) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys({.workers = 1});
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  std::atomic<bool> stop{false};
  constexpr std::size_t spinners = 5;
  constexpr std::size_t readers = 3;
  for (std::size_t i = 0; i < spinners; ++i) {
    sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
  }
  for (std::size_t i = 0; i < readers; ++i) {
    sys.spawn([&](context&) {
      char c = 0;
      while (::read(ends[0], &c, 1) < 0 && errno == EINTR) {
      }
    });
  }
  // All spinners but the one that runs are frozen, and all readers have no worker.
  must_come(sys, [&] {
    const auto c = sys.preemption().carriers;
    EXPECT_LE(c.bound, 1U);
    return c.bound == 1 && c.frozen == spinners - 1 && c.unbound == readers;
  });
  stop = true;
  EXPECT_EQ(::write(ends[1], "xxx", 3), 3);
  must_end(sys);
  EXPECT_TRUE(eventually([&] {
    const auto c = sys.preemption().carriers;
    return c.bound == 1 && c.frozen == 0 && c.unbound == 0;
  }));
  ::close(ends[0]);
  ::close(ends[1]);
}

// With as many carriers as may be, each is in one of the states; while a worker changes hands, one
// of them is in none.
TEST(PreemptionStatistics, CountEachCarrierOnce) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  constexpr std::size_t carriers = 6;
  system sys(
      {.workers = 2,
       .preempt = {.fresh_quantum = 100us, .batch_quantum = 100us, .max_carriers = carriers}});
  std::atomic<bool> stop{false};
  for (int i = 0; i < 6; ++i) {
    sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
    sys.spawn([&](context&) {
      while (!stop) blocking([] { std::this_thread::sleep_for(1ms); });
    });
  }
  bool handed_over = false;
  must_come(sys, [&] {
    const auto c = sys.preemption().carriers;
    EXPECT_LE(c.bound, 2U);
    handed_over = handed_over || c.bound < 2;
    return handed_over && sys.preemption().preemptions > 200;
  });
  stop = true;
  must_end(sys);
  EXPECT_TRUE(eventually([&] {
    const auto c = sys.preemption().carriers;
    return c.bound == 2 && c.spare == carriers - 2 && c.frozen + c.unbound + c.returning == 0;
  }));
}

TEST(PreemptionStatistics, AddUp) {
  system sys({.workers = 2, .preempt = {.fresh_quantum = 100us, .batch_quantum = 200us}});
  std::atomic<bool> stop{false};
  for (int i = 0; i < 8; ++i) {
    sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
  }
  must_come(sys, [&] { return sys.preemption().preemptions > 200; });
  preemption_statistics last;
  for (int i = 0; i < 100; ++i) {  // counts never go back
    const preemption_statistics now = sys.preemption();
    EXPECT_GE(now.preemptions, last.preemptions);
    EXPECT_GE(now.deferrals, last.deferrals);
    EXPECT_GE(now.unbinds, last.unbinds);
    last = now;
    std::this_thread::yield();
  }
  stop = true;
  must_end(sys);
  const auto latencies = [](const preemption_statistics& s) {
    return std::accumulate(s.latency.begin(), s.latency.end(), std::uint64_t{0});
  };
  // One for each time that a worker changed hands.
  EXPECT_TRUE(eventually([&] {
    const auto s = sys.preemption();
    const auto n = latencies(s);
    return n >= s.preemptions / 2 && n <= s.preemptions + s.unbinds;
  })) << latencies(sys.preemption());
}

TEST(PreemptionStatistics, CountThoseThatAreStoppedWithoutAWorker) {
  system sys({.workers = 1});
  sys.spawn([&](context& self) {
    blocking([&] { spin_until([&] { return sys.preemption().preemptions != 0; }); });
    self.yield();
    EXPECT_GE(look_at(sys, self.ref())->preemptions, 1U);
  });
  must_end(sys);
}

TEST(PreemptionStatistics, MayBeAskedForInABehavior) {
  system sys({.workers = 1});
  std::atomic<bool> counted{false};
  for (int i = 0; i < 3; ++i) {
    sys.spawn([&](context& self) {
      spin_until([&] { return counted || self.home().preemption().preemptions > 5; });
      counted = true;
    });
  }
  must_end(sys);
  EXPECT_TRUE(counted);
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/reactor.hpp>

#include <troupe/base/clock.hpp>

#include <support/effort.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>

namespace troupe::io::detail {
namespace {

using troupe::detail::never_ns;
using troupe::detail::now_ns;

constexpr std::uint64_t ms = 1'000'000;

double thread_cpu_ms() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

void wait_until(reactor& r, std::uint64_t deadline_ns) {
  r.wait_until(deadline_ns, 16, [] {});
}

class Reactor : public testing::Test {
 protected:
  reactor r;
};

TEST_F(Reactor, SleepsUntilItsDeadlineWithoutSpinning) {
  const std::uint64_t begin = now_ns();
  const double cpu = thread_cpu_ms();
  for (int i = 1; i <= 5; ++i) {
    while (now_ns() < begin + static_cast<std::uint64_t>(i) * 20 * ms) {
      wait_until(r, begin + static_cast<std::uint64_t>(i) * 20 * ms);
    }
  }
  EXPECT_LT(thread_cpu_ms() - cpu, 50);
}

TEST_F(Reactor, ADeadlineThatHasPassedDoesNotSleep) {
  wait_until(r, now_ns() - 1);
  wait_until(r, 1);
}

/// How often the reactor wakes up within some milliseconds.
int waits_within(reactor& r, std::uint64_t time_ns) {
  const std::uint64_t deadline = now_ns() + time_ns;
  int waits = 0;
  for (; now_ns() < deadline; ++waits) wait_until(r, deadline);
  return waits;
}

TEST_F(Reactor, AWakeEndsTheNextWaitOnceHoweverManyThereWere) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) r.wake();
    wait_until(r, never_ns);
    EXPECT_LE(waits_within(r, 5 * ms), 4);
  }
}

TEST_F(Reactor, AWakeEndsTheCurrentWaitOnce) {
  for (int round = 0; round < 3; ++round) {
    std::thread waker([this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      r.wake();
    });
    wait_until(r, never_ns);
    waker.join();
    EXPECT_LE(waits_within(r, 5 * ms), 4);
  }
}

TEST_F(Reactor, NoWakeFromAnotherThreadIsLost) {
  const std::size_t rounds = test::scaled(20'000);
  std::atomic<std::size_t> asked{0};
  std::atomic<std::size_t> answered{0};
  std::thread waker([&] {
    for (std::size_t i = 1; i <= rounds; ++i) {
      asked = i;
      r.wake();
      while (answered < i) std::this_thread::yield();
    }
  });
  while (answered < rounds) {
    if (asked == answered) wait_until(r, never_ns);
    answered = asked.load();
  }
  waker.join();
}

TEST_F(Reactor, WatchesNothingAtFirst) {
  EXPECT_FALSE(r.has_interest());
  EXPECT_EQ(r.poll(16), 0U);
}

TEST_F(Reactor, AWakeWhileItHandlesEventsEndsTheNextWait) {
  r.wait_until(1, 16, [this] { r.wake(); });  // awake, and about to handle them
  int told = 0;
  r.wait_until(never_ns, 16, [&] { ++told; });  // ended by that wake()
  EXPECT_EQ(told, 1);
  EXPECT_LE(waits_within(r, 5 * ms), 4);
}

// It stays until the next wait, and a behavior that computes for long may come before that.
TEST_F(Reactor, IsNotReadyWhenAWakeThatCameTooLateHasLeftAnInterrupt) {
  // As wake() does when the wait has ended, and the reactor has yet to know.
  r.edges()->interrupt();
  EXPECT_FALSE(r.is_ready());
  EXPECT_LE(waits_within(r, 5 * ms), 4);
}

}  // namespace
}  // namespace troupe::io::detail

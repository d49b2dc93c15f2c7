// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Which behaviors are preempted, and which are not: by mode, and by who waits.
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::must_come;
using test::must_end;
using test::scaled;
using test::spin_for;

/// Whether anything ran on a worker while an actor kept it for many quanta.
bool others_ran_beside_a_spinner(preemption mode) {
  system sys({.workers = 1, .preempt = {.mode = mode}});
  std::atomic<bool> begun{false};
  std::atomic<bool> other{false};
  bool early = false;
  sys.spawn([&](context&) {
    begun = true;
    spin_for(50ms);
    early = other;
  });
  must_come(sys, [&] { return begun.load(); });
  sys.spawn([&](context&) { other = true; });
  must_end(sys);
  EXPECT_TRUE(other);
  return early;
}

TEST(PreemptionMode, FullTakesTheWorkerFromASpinner) {
  // Whether the other one comes within that time is up to the machine; once in a few it must.
  EXPECT_TRUE(eventually([] { return others_ran_beside_a_spinner(preemption::full); }));
}

TEST(PreemptionMode, IsolateLeavesItToASpinner) {
  EXPECT_FALSE(others_ran_beside_a_spinner(preemption::isolate));
}

// The signal may be somebody else's, or come late.
TEST(PreemptionMode, IsolateLetsOneThatComputesWithoutAWorkerDoSo) {
  system sys({.workers = 1, .preempt = {.mode = preemption::isolate, .warn_after = 0ms}});
  std::atomic<pid_t> away{0};
  std::atomic<std::uint64_t> turns{0};
  std::atomic<bool> stop{false};
  sys.spawn([&](context&) {
    blocking([&] {
      away = ::gettid();
      test::spin_until([&] { return ++turns, stop.load(); });
    });
  });
  must_come(sys, [&] { return away != 0; });
  sys.spawn([&](context&) { test::spin_until([&] { return stop.load(); }); });
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t before = turns;
    ASSERT_EQ(::syscall(SYS_tgkill, ::getpid(), away.load(), SIGRTMAX - 3), 0);
    must_come(sys, [&] { return turns > before + 10'000; });
  }
  EXPECT_EQ(sys.preemption().carriers.frozen, 0U);
  stop = true;
  must_end(sys);
}

TEST(PreemptionMode, OffLeavesItToASpinner) {
  EXPECT_FALSE(others_ran_beside_a_spinner(preemption::off));
}

TEST(PreemptionMode, OffDoesNothing) {
  system sys({.workers = 2, .preempt = {.mode = preemption::off}});
  for (int i = 0; i < 8; ++i) sys.spawn([](context&) { spin_for(5ms); });
  for (int i = 0; i < 4; ++i) {
    sys.spawn([](context&) {
      const timespec a_while{0, 5'000'000};
      ::nanosleep(&a_while, nullptr);
    });
  }
  must_end(sys);
  const preemption_statistics s = sys.preemption();
  EXPECT_EQ(s.preemptions, 0U);
  EXPECT_EQ(s.deferrals, 0U);
  EXPECT_EQ(s.unbinds, 0U);
  EXPECT_EQ(s.rescues, 0U);
  EXPECT_EQ(s.left_running, 0U);
  EXPECT_EQ(s.carriers.bound, 2U);
  EXPECT_EQ(s.carriers.frozen, 0U);
  EXPECT_EQ(s.carriers.unbound, 0U);
}

TEST(PreemptionMode, IsolateNeverFreezes) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys({.workers = 1, .preempt = {.mode = preemption::isolate}});
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::atomic<bool> reads{false};
  std::atomic<int> done{0};
  sys.spawn([&](context&) {
    char c = 0;
    reads = true;
    EXPECT_EQ(::read(ends[0], &c, 1), 1);
    ++done;
  });
  must_come(sys, [&] { return reads.load(); });
  for (int i = 0; i < 4; ++i) {
    sys.spawn([&](context&) {
      spin_for(5ms);
      ++done;
    });
  }
  must_come(sys, [&] { return done == 4; });
  EXPECT_EQ(::write(ends[1], "x", 1), 1);
  must_end(sys);
  EXPECT_EQ(sys.preemption().preemptions, 0U);
  EXPECT_GT(sys.preemption().unbinds, 0U);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(PreemptionMode, FullLeavesALonelySpinnerAlone) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    sys.spawn([](context&) { spin_for(100ms); });
    must_end(sys);
    EXPECT_EQ(sys.preemption().preemptions, 0U);
    if (!TROUPE_TSAN) {  // it makes system calls of its own, in which a behavior is then found
      EXPECT_EQ(sys.preemption().unbinds, 0U);
    }
  }
}

/// How often a spinner is preempted beside actors that wait for messages.
std::uint64_t preemptions_beside_idle_actors() {
  system sys({.workers = 1});
  std::array<any_ref, 20> idle;
  std::atomic<std::size_t> begun{0};
  for (any_ref& i : idle) {
    i = sys.spawn([&](context& self) {
      ++begun;
      self.receive([](int) {});
    });
  }
  must_come(sys, [&] { return begun == idle.size(); });
  std::uint64_t preemptions = 0;
  std::atomic<bool> done{false};
  sys.spawn([&](context&) {
    const auto before = sys.preemption().preemptions;
    spin_for(50ms);
    preemptions = sys.preemption().preemptions - before;
    done = true;
  });
  must_come(sys, [&] { return done.load(); });
  for (const any_ref& i : idle) i.kill();
  must_end(sys);
  return preemptions;
}

TEST(PreemptionMode, FullLeavesASpinnerAloneBesideIdleActors) {
  // Now and then the last of them has begun and does not wait yet.
  EXPECT_TRUE(eventually([] { return preemptions_beside_idle_actors() == 0; }));
}

TEST(PreemptionMode, FullLeavesShortBehaviorsAlone) {
  // A million messages, none of which takes long: there is always somebody who waits, and never a
  // reason to preempt. A machine that stands still for a while may give one.
  system sys({.workers = 1});
  std::atomic<std::uint64_t> beats{0};
  const auto p = sys.spawn<test::pulse>(beats);
  const auto q = sys.spawn<test::pulse>(beats);
  p.send(test::beat{});
  q.send(test::beat{});
  const std::uint64_t all = scaled(1'000'000);
  must_come(sys, [&] { return beats > all; });
  p.kill();
  q.kill();
  must_end(sys);
  EXPECT_LT(sys.preemption().preemptions, 100U);
}

}  // namespace
}  // namespace troupe

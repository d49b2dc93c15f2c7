// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::get;
using test::must_come;
using test::must_end;
using test::scaled;
using test::spin_for;
using test::spin_until;

TEST(NoPreempt, IsNotPreemptedUntilItsEnd) {
  for (std::size_t round = 0; round < scaled(10); ++round) {
    system sys({.workers = 1});
    std::atomic<bool> begun{false};
    std::atomic<bool> other{false};
    std::atomic<bool> early{false};
    sys.spawn([&](context&) {
      {
        const no_preempt outer;
        begun = true;
        spin_for(5ms);
        {
          const no_preempt inner;
          spin_for(1ms);
        }
        spin_for(5ms);
        early = other.load();
      }
      spin_until([&] { return other.load(); });  // no wait: it is preempted now
    });
    must_come(sys, [&] { return begun.load(); });
    sys.spawn([&](context&) { other = true; });
    must_end(sys);
    EXPECT_FALSE(early);
  }
}

TEST(NoPreempt, WhatCameDueMeanwhileHappensAtItsEnd) {
  system sys({.workers = 1});
  std::atomic<bool> stop{false};
  std::atomic<int> sections{0};
  sys.spawn([&](context&) {
    // Nearly all of the time is spent in sections, so that nearly all signals come in one.
    while (!stop) {
      const no_preempt section;
      spin_for(200us);
      ++sections;
    }
  });
  const auto e = sys.spawn<echo>();
  const auto ask_often = [&] {
    for (std::size_t i = 0; i < scaled(20); ++i) EXPECT_EQ(sys.ask(e, get{}), 1);
    return sys.preemption();
  };
  const preemption_statistics first = ask_often();  // from here on there are spare carriers
  const preemption_statistics second = ask_often();
  EXPECT_GT(sections, 0);
  if (!TROUPE_TSAN) {  // there it may be the monitor that helps
    EXPECT_GT(second.preemptions, 0U);
    EXPECT_EQ(second.unbinds, 0U) << "it was left to go on without a worker";
    const std::uint64_t stopped = second.preemptions - first.preemptions;
    EXPECT_LE(second.deferrals - first.deferrals, 6 * stopped + 20)
        << "it was tried again before the section's end";
  }
  stop = true;
  e.kill();
  must_end(sys);
}

/// Each waiting call is refused within no_preempt, and leaves the actor as it was.
template <class Wait>
void expect_refusal(Wait wait) {
  system sys({.workers = 1});
  const auto e = sys.spawn<echo>();
  std::atomic<bool> done{false};
  sys.spawn([&](context& self) {
    {
      const no_preempt section;
      EXPECT_THROW(wait(self, e), std::logic_error);
      self.ref().send(5);  // that is no wait
    }
    self.receive([](int n) { EXPECT_EQ(n, 5); });
    EXPECT_EQ(self.ask(e, get{}), 1);
    self.sleep_for(1us);
    done = true;
  });
  must_come(sys, [&] { return done.load(); });
  e.kill();
  must_end(sys);
}
using echo_ref = ref_of<echo>;

TEST(NoPreempt, RefusesToReceive) {
  expect_refusal([](context& self, const echo_ref&) { self.receive([](char) {}); });
}
TEST(NoPreempt, RefusesToReceiveForATime) {
  expect_refusal([](context& self, const echo_ref&) { self.receive([](char) {}, after(1ms)); });
}
TEST(NoPreempt, RefusesToAsk) {
  expect_refusal([](context& self, const echo_ref& e) { self.ask(e, get{}); });
}
TEST(NoPreempt, RefusesToSleep) {
  expect_refusal([](context& self, const echo_ref&) { self.sleep_for(1ms); });
}
TEST(NoPreempt, RefusesToAccept) {
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  expect_refusal([&](context&, const echo_ref&) { static_cast<void>(listener.accept()); });
}
TEST(NoPreempt, RefusesToConnectByName) {
  expect_refusal(
      [&](context&, const echo_ref&) { static_cast<void>(io::resolve("localhost", 1)); });
}
TEST(NoPreempt, RefusesToWaitForJobs) {
  system sys({.workers = 1});
  std::atomic<int> ran{0};
  sys.spawn([&](context& self) {
    counter done;
    self.home().run([&] { ++ran; }, done);
    {
      const no_preempt section;
      EXPECT_THROW(done.wait(), std::logic_error);
    }
    done.wait();
    ++ran;
  });
  must_end(sys);
  EXPECT_EQ(ran, 2);
}

TEST(NoPreempt, LetsNobodyRunByAYield) {
  system sys({.workers = 1});
  std::atomic<bool> begun{false};
  std::atomic<bool> other{false};
  std::atomic<bool> early{false};
  sys.spawn([&](context& self) {
    {
      const no_preempt section;
      begun = true;
      spin_for(5ms);  // the other one comes
      for (int i = 0; i < 1'000; ++i) self.yield();
      early = other.load();
    }
    while (!other) self.yield();
  });
  must_come(sys, [&] { return begun.load(); });
  sys.spawn([&](context&) { other = true; });
  must_end(sys);
  EXPECT_FALSE(early);
}

TEST(NoPreempt, InJobsAndHandlersDoesTheSame) {
  struct careful : actor<int(get)> {
    int on(get) {
      const no_preempt section;
      EXPECT_THROW(self().sleep_for(1ms), std::logic_error);
      return 2;
    }
  };
  system sys({.workers = 1});
  const auto c = sys.spawn<careful>();
  EXPECT_EQ(sys.ask(c, get{}), 2);
  counter done;
  sys.run(
      [] {
        const no_preempt section;
        EXPECT_THROW(troupe::sleep_for(1ms), std::logic_error);
      },
      done);
  done.wait();
}

TEST(NoPreempt, OnAPlainThreadDoesNothing) {
  const no_preempt outer;
  const no_preempt inner;
  system sys({.workers = 1});
  const auto e = sys.spawn<echo>();
  EXPECT_EQ(sys.ask(e, get{}), 1);
}

TEST(NoPreempt, EndsWhenAnExceptionLeavesIt) {
  system sys({.workers = 1});
  std::atomic<int> done{0};
  sys.spawn([&](context& self) {
    try {
      const no_preempt section;
      throw std::runtime_error("out of it");
    } catch (const std::runtime_error&) {
    }
    self.sleep_for(1us);
    ++done;
  });
  must_end(sys);
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace troupe

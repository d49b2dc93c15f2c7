// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A worker that stands still lets frozen behaviors go: one of them may hold what it waits for.
#include <support/look_at.hpp>
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::get;
using test::look_at;
using test::must_come;
using test::must_end;
using test::scaled;
using test::spin_until;

/// Holds back all signals of the thread.
class deafness {
 public:
  deafness() {
    sigset_t all;
    sigfillset(&all);
    EXPECT_EQ(::pthread_sigmask(SIG_SETMASK, &all, &before_), 0);
  }
  ~deafness() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  deafness(const deafness&) = delete;
  deafness& operator=(const deafness&) = delete;

 private:
  sigset_t before_{};
};

/// How often an actor, or all, went on although no worker took them up. ThreadSanitizer makes
/// system calls of its own wherever it likes: whoever is found in one is unbound, and needs no
/// rescue.
std::uint64_t let_go(std::uint64_t rescues, std::uint64_t unbinds) {
  return TROUPE_TSAN ? rescues + unbinds : rescues;
}

TEST(Rescue, ReachesTheHolderOfALockFromOneThatTakesNoSignals) {
  for (std::size_t i = 0; i < scaled(5); ++i) {
    system sys({.workers = 1});
    std::mutex mutex;
    std::atomic<bool> held{false};
    std::atomic<bool> wanted{false};
    sys.spawn([&](context& self) {
      {
        const std::scoped_lock lock(mutex);
        held = true;
        spin_until([&] { return wanted.load(); });
      }
      self.yield();
      const auto mine = look_at(sys, self.ref());
      EXPECT_GE(let_go(mine->rescues, mine->unbinds), 1U);
    });
    must_come(sys, [&] { return held.load(); });
    sys.spawn([&](context&) {
      const deafness no_signals;
      wanted = true;
      const std::scoped_lock lock(mutex);
    });
    must_end(sys);
    const preemption_statistics s = sys.preemption();
    EXPECT_GE(let_go(s.rescues, s.unbinds), 1U);
  }
}

// It waits for a worker, which it does not need to let go of the lock.
TEST(Rescue, ReachesTheHolderOfALockThatComesBackFromABlockingCall) {
  for (const preemption mode : {preemption::full, preemption::isolate}) {
    for (std::size_t i = 0; i < scaled(5); ++i) {
      system sys({.workers = 1, .preempt = {.mode = mode}});
      std::mutex mutex;
      std::atomic<bool> held{false};
      std::atomic<bool> wanted{false};
      sys.spawn([&](context&) {
        const std::scoped_lock lock(mutex);
        blocking([&] {
          held = true;
          spin_until([&] { return wanted.load(); });
        });
      });
      must_come(sys, [&] { return held.load(); });
      sys.spawn([&](context&) {
        const deafness no_signals;
        wanted = true;
        const std::scoped_lock lock(mutex);
      });
      must_end(sys);
    }
  }
}

// The handler does it, again and again finding the same section.
TEST(Rescue, ReachesWhoeverASectionWaitsFor) {
  for (const auto source : {signal_source::kernel_timer, signal_source::monitor}) {
    for (std::size_t i = 0; i < scaled(5); ++i) {
      system sys({.workers = 1, .preempt = {.source = source}});
      std::atomic<bool> spinning{false};
      std::atomic<bool> wanted{false};
      std::atomic<bool> given{false};
      sys.spawn([&](context& self) {
        spinning = true;
        spin_until([&] { return wanted.load(); });
        given = true;
        self.yield();
        const auto mine = look_at(sys, self.ref());
        EXPECT_GE(let_go(mine->rescues, mine->unbinds), 1U);
      });
      must_come(sys, [&] { return spinning.load(); });
      sys.spawn([&](context& self) {
        {
          const no_preempt section;
          wanted = true;
          spin_until([&] { return given.load(); });
        }
        EXPECT_EQ(look_at(sys, self.ref())->rescues, 0U);
      });
      must_end(sys);
      const preemption_statistics s = sys.preemption();
      EXPECT_GE(let_go(s.rescues, s.unbinds), 1U);
      if (s.unbinds == 0) {
        EXPECT_GT(s.deferrals, 2U);  // from the 20 ms
      }
    }
  }
}

// The holder is let go, and must not be stopped again before it has let go of the lock.
TEST(Rescue, LastsUntilTheHolderOfTheLockHasNoNeedOfIt) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers, .preempt = {.warn_after = 0ms}});
    std::mutex mutex;
    std::atomic<bool> held{false};
    std::atomic<std::size_t> wanted{0};
    sys.spawn([&](context&) {
      const std::scoped_lock lock(mutex);
      held = true;
      spin_until([&] { return wanted == workers; });
      test::spin_for(100ms);  // many quanta, and many ticks of the kernel's
    });
    must_come(sys, [&] { return held.load(); });
    for (std::size_t i = 0; i < workers; ++i) {
      sys.spawn([&](context&) {
        const deafness no_signals;
        ++wanted;
        const std::scoped_lock lock(mutex);
      });
    }
    must_end(sys);
  }
}

/// Its destructor blocks, and then computes: without a worker, for more than the kernel's tick.
struct lasting {
  explicit lasting(std::atomic<bool>& d) : dying(&d) {}
  lasting(lasting&& other) noexcept : dying(std::exchange(other.dying, nullptr)) {}
  lasting& operator=(lasting&&) = delete;
  ~lasting() {
    if (dying == nullptr) return;
    *dying = true;
    std::this_thread::sleep_for(30ms);
    test::spin_for(60ms);
  }
  std::atomic<bool>* dying;
};

// No actor lives any more, but there is still code that wants its worker back.
TEST(Rescue, IsNotNeededByTheDestructorOfAMessageWhileTheSystemEnds) {
  for (std::size_t i = 0; i < scaled(5); ++i) {
    std::atomic<bool> dying{false};
    system sys({.workers = 1, .preempt = {.warn_after = 0ms}});
    std::atomic<bool> sent{false};
    const auto a = sys.spawn([&](context&) { spin_until([&] { return sent.load(); }); });
    any_ref(a).send(lasting(dying));
    sent = true;
    must_come(sys, [&] { return dying.load(); });
  }
}

// The quantum is longer than a section may stand, and the behavior is in one very often.
TEST(Rescue, DoesNotComeToOneWhoIsInSectionsAgainAndAgain) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys({.workers = 1,
              .preempt = {.fresh_quantum = 100ms, .batch_quantum = 100ms, .warn_after = 0ms}});
  std::atomic<bool> stop{false};
  sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
  sys.spawn([&](context& self) {
    while (!stop) {
      self.send_after(1h, self.ref(), get{}).cancel();
      for (int i = 0; i < 20; ++i) test::spin_once();
    }
  });
  must_come(sys, [&] { return sys.preemption().preemptions >= 4; });
  EXPECT_EQ(sys.preemption().rescues, 0U);
  stop = true;
  must_end(sys);
}

}  // namespace
}  // namespace troupe

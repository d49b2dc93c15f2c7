// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Locks of the C++ library, held by behaviors that are preempted while others block on them.
#include <preempt/spinning.hpp>

#include <support/random.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::must_come;
using test::must_end;
using test::random_choices;
using test::scaled;
using test::spin_for;
using test::spin_until;

template <class Lock>
class HeldLock : public testing::Test {
  void SetUp() override {
    if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  }
};
using lock_types =
    testing::Types<std::mutex, std::timed_mutex, std::recursive_mutex, std::shared_mutex>;
TYPED_TEST_SUITE(HeldLock, lock_types);

/// The holder lets go only when all others have come to the lock: it must be preempted for that,
/// and be resumed although they block.
template <class Lock>
void contend(std::size_t workers) {
  constexpr int others = 8;
  system sys({.workers = workers});
  Lock lock;
  int entries = 0;  // guarded by lock
  std::atomic<bool> held{false};
  std::atomic<int> trying{0};
  sys.spawn([&](context&) {
    const std::unique_lock guard(lock);
    held = true;
    spin_until([&] { return trying == others; });
    spin_for(2ms);  // the last of them comes to lie in the kernel
    ++entries;
  });
  must_come(sys, [&] { return held.load(); });
  for (int i = 0; i < others; ++i) {
    sys.spawn([&](context& self) {
      ++trying;
      {
        const std::unique_lock guard(lock);
        ++entries;
      }
      self.yield();
    });
  }
  must_end(sys);
  EXPECT_EQ(entries, others + 1);
}

TYPED_TEST(HeldLock, IsReleasedOnOneWorker) {
  for (std::size_t i = 0; i < scaled(10); ++i) contend<TypeParam>(1);
}
TYPED_TEST(HeldLock, IsReleasedOnTwoWorkers) {
  for (std::size_t i = 0; i < scaled(10); ++i) contend<TypeParam>(2);
}

class Locks : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  }
  static system_options quick() {
    system_options o;
    o.workers = GetParam();
    o.preempt.fresh_quantum = 100us;
    o.preempt.batch_quantum = 200us;
    return o;
  }
};

TEST_P(Locks, RecursiveOnesKeepOthersOutUntilTheLastRelease) {
  system sys(quick());
  std::recursive_mutex mutex;
  int depth = 0;    // guarded by mutex
  int entries = 0;  // as well
  const int rounds = static_cast<int>(scaled(20));
  constexpr int actors = 12;
  for (int i = 0; i < actors; ++i) {
    sys.spawn([&](context&) {
      for (int round = 0; round < rounds; ++round) {
        const std::scoped_lock first(mutex);
        EXPECT_EQ(++depth, 1);
        spin_for(60us);
        {
          const std::scoped_lock second(mutex);
          EXPECT_EQ(++depth, 2);
          spin_for(60us);
          --depth;
        }
        spin_for(60us);
        --depth;
        ++entries;
      }
    });
  }
  must_end(sys);
  EXPECT_EQ(entries, actors * rounds);
}

TEST_P(Locks, ReadersAndWritersExcludeEachOther) {
  system sys(quick());
  std::shared_mutex mutex;
  std::uint64_t a = 0;  // guarded by mutex, as is b; equal outside of it
  std::uint64_t b = 0;
  const int rounds = static_cast<int>(scaled(50));
  for (int i = 0; i < 12; ++i) {
    sys.spawn([&, i](context&) {
      for (int round = 0; round < rounds; ++round) {
        if (i % 4 == 0) {
          const std::scoped_lock lock(mutex);
          ++a;
          spin_for(50us);
          ++b;
        } else {
          const std::shared_lock lock(mutex);
          const std::uint64_t seen = a;
          spin_for(20us);
          EXPECT_EQ(seen, a);
          EXPECT_EQ(a, b);
        }
      }
    });
  }
  must_end(sys);
  EXPECT_EQ(a, 3U * static_cast<std::uint64_t>(rounds));
}

/// A bounded queue as in any textbook.
class queue {
 public:
  void put(int n) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [&] { return items_.size() < 2; });
    items_.push_back(n);
    not_empty_.notify_one();
  }
  int take() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [&] { return !items_.empty(); });
    const int n = items_.front();
    items_.pop_front();
    not_full_.notify_one();
    return n;
  }

 private:
  std::mutex mutex_;
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::deque<int> items_;
};

TEST_P(Locks, ConditionVariablesWorkBetweenActors) {
  system sys(quick());
  queue q;
  const int items = static_cast<int>(scaled(100));
  std::atomic<long> taken{0};
  constexpr int pairs = 4;
  for (int pair = 0; pair < pairs; ++pair) {
    sys.spawn([&](context&) {
      for (int i = 1; i <= items; ++i) taken += q.take();
    });
    sys.spawn([&](context&) {
      for (int i = 1; i <= items; ++i) q.put(i);
    });
  }
  must_end(sys);
  EXPECT_EQ(taken, long{pairs} * items * (items + 1) / 2);
}

TEST_P(Locks, BarriersGatherActors) {
  system sys(quick());
  constexpr int n = 10;
  const int rounds = static_cast<int>(scaled(20));
  std::barrier barrier(n);
  std::atomic<int> arrived{0};
  std::atomic<int> early{0};
  for (int i = 0; i < n; ++i) {
    sys.spawn([&](context&) {
      for (int round = 1; round <= rounds; ++round) {
        ++arrived;
        barrier.arrive_and_wait();
        if (arrived < round * n) ++early;
      }
    });
  }
  must_end(sys);
  EXPECT_EQ(early, 0);
  EXPECT_EQ(arrived, n * rounds);
}

TEST_P(Locks, LatchesAndSemaphoresHoldNoWorker) {
  system sys(quick());
  constexpr int n = 10;
  std::latch all_here(n);
  std::counting_semaphore<n> two(2);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  for (int i = 0; i < n; ++i) {
    sys.spawn([&](context&) {
      all_here.arrive_and_wait();
      two.acquire();
      const int now = ++inside;
      if (now > most) most = now;
      spin_for(300us);
      --inside;
      two.release();
    });
  }
  must_end(sys);
  EXPECT_LE(most, 2);
}

TEST_P(Locks, CallOnceCallsOnceThoughItIsPreempted) {
  for (std::size_t round = 0; round < scaled(10); ++round) {
    system sys(quick());
    constexpr int n = 8;
    std::once_flag once;
    std::atomic<int> trying{0};
    std::atomic<int> calls{0};
    std::atomic<int> before{0};
    for (int i = 0; i < n; ++i) {
      sys.spawn([&](context&) {
        ++trying;
        std::call_once(once, [&] {
          spin_until([&] { return trying == n; });
          ++calls;
        });
        if (calls == 0) ++before;
      });
    }
    must_end(sys);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(before, 0);
  }
}

TEST_P(Locks, PlainThreadsGetALockFromAPreemptedHolder) {
  for (std::size_t round = 0; round < scaled(10); ++round) {
    system sys(quick());
    std::mutex mutex;
    std::atomic<bool> held{false};
    std::atomic<bool> others{false};
    sys.spawn([&](context&) {
      const std::scoped_lock lock(mutex);
      held = true;
      spin_until([&] { return others.load(); });
      spin_for(500us);
    });
    must_come(sys, [&] { return held.load(); });
    for (int i = 0; i < 4; ++i) sys.spawn([&](context&) { spin_for(1ms); });
    sys.spawn([&](context&) { others = true; });
    { const std::scoped_lock lock(mutex); }
    EXPECT_TRUE(others);
    must_end(sys);
  }
}

TEST_P(Locks, ManyOfThemTakenAtRandomKeepTheirInvariants) {
  system sys(quick());
  struct account {
    std::mutex mutex;
    int balance = 100;
  };
  std::array<account, 6> bank;
  for (std::uint64_t i = 0; i < 16; ++i) {
    sys.spawn([&, i](context&) {
      random_choices random(i);
      for (std::size_t n = 0; n < scaled(100); ++n) {
        const std::size_t from = random.up_to(bank.size() - 1);
        const std::size_t to = (from + 1 + random.up_to(bank.size() - 2)) % bank.size();
        const std::scoped_lock lock(bank[from].mutex, bank[to].mutex);
        --bank[from].balance;
        spin_for(std::chrono::microseconds(random.up_to(50)));
        ++bank[to].balance;
      }
    });
  }
  must_end(sys);
  int sum = 0;
  for (const account& a : bank) sum += a.balance;
  EXPECT_EQ(sum, 100 * static_cast<int>(bank.size())) << test::seed_message();
}

INSTANTIATE_TEST_SUITE_P(Workers, Locks, testing::Values(1, 2),
                         [](const auto& chosen) { return std::to_string(chosen.param); });

TEST(LockOfAStatic, IsReleasedThoughItsInitialisationIsPreempted) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys({.workers = 1});
  constexpr int n = 8;
  std::atomic<int> trying{0};
  static std::atomic<int> made{0};
  struct slow {
    explicit slow(const std::atomic<int>& t) {
      spin_until([&] { return t == n; });
      ++made;
    }
  };
  for (int i = 0; i < n; ++i) {
    sys.spawn([&](context&) {
      ++trying;
      static const slow one(trying);
      EXPECT_EQ(made, 1);
    });
  }
  must_end(sys);
}

}  // namespace
}  // namespace troupe

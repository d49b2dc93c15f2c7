// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// When no more kernel threads may be had, fairness may suffer, progress not.
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::eventually;
using test::must_come;
using test::must_end;
using test::scaled;
using test::spin_for;
using test::spin_once;
using test::spin_until;

/// Counts a thread that was joined for a moment longer, so that a count may be too high at once.
std::size_t threads() {
  std::size_t n = 0;
  DIR* const directory = ::opendir("/proc/self/task");
  while (const dirent* const entry = ::readdir(directory)) n += entry->d_name[0] != '.' ? 1U : 0U;
  ::closedir(directory);
  return n;
}

const int many = static_cast<int>(scaled(1'000));

class CarriersBound : public testing::TestWithParam<std::size_t> {
 protected:
  static system_options bounded(std::size_t carriers) {
    system_options o;
    o.workers = GetParam();
    o.preempt.fresh_quantum = 100us;
    o.preempt.batch_quantum = 100us;
    o.preempt.max_carriers = carriers;
    return o;
  }
  /// Waits for the end of all actors; meanwhile no more threads come than `carriers` and what else
  /// a system has: threads of the runtime, and resolvers.
  static void ends_within(system& sys, std::size_t carriers, std::size_t threads_before) {
    const std::size_t others = 4 + sys.worker_count();  // one is ThreadSanitizer's own
    std::size_t most = 0;
    const bool ended = eventually([&] {
      most = std::max(most, threads());
      return sys.actor_count() == 0;
    });
    if (!ended) must_end(sys);
    EXPECT_LE(most, threads_before + carriers + others);
  }
};

TEST_P(CarriersBound, OfThirtyTwoLetsAThousandSpinnersEnd) {
  const std::size_t before = threads();
  std::atomic<bool> reached{false};
  std::atomic<int> ended{0};
  system sys(bounded(32));
  for (int i = 0; i < many; ++i) {
    sys.spawn([&](context& self) {
      spin_until([&] { return reached.load(); });
      self.yield();
      for (int n = 0; n < 2'000; ++n) spin_once();
      ++ended;
    });
  }
  must_come(sys, [&] { return sys.preemption().carriers.frozen >= 32 - GetParam(); });
  reached = true;
  ends_within(sys, 32, before);
  EXPECT_EQ(ended, many);
  EXPECT_GT(sys.preemption().preemptions, 0U);
}

TEST_P(CarriersBound, OfEightLetsAThousandTakeALockWhoseHolderIsFrozen) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  const std::size_t before = threads();
  std::mutex mutex;
  std::atomic<bool> held{false};
  std::atomic<int> trying{0};
  int entries = 0;  // guarded by mutex
  system sys(bounded(8));
  sys.spawn([&](context&) {
    const std::scoped_lock lock(mutex);
    held = true;
    spin_until([&] { return trying >= 3; });  // it has been frozen
    spin_for(20ms);
    ++entries;
  });
  must_come(sys, [&] { return held.load(); });
  for (int i = 0; i < many; ++i) {
    sys.spawn([&](context&) {
      ++trying;
      const std::scoped_lock lock(mutex);
      for (int n = 0; n < 500; ++n) spin_once();
      ++entries;
    });
  }
  ends_within(sys, 8, before);
  EXPECT_EQ(entries, many + 1);
}

TEST_P(CarriersBound, OfEightLetsLockHoldersThatSpinLongEnd) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys(bounded(8));
  constexpr std::size_t locks = 4;
  std::array<std::mutex, locks> mutexes;
  std::array<int, locks> entries{};  // each guarded by its mutex
  const int actors = many / 5;
  for (int i = 0; i < actors; ++i) {
    sys.spawn([&, i](context& self) {
      for (std::size_t n = 0; n < locks; ++n) {
        const std::size_t which = (static_cast<std::size_t>(i) + n) % locks;
        {
          const std::scoped_lock lock(mutexes[which]);
          spin_for(200us);
          ++entries[which];
        }
        if (n == 1) self.yield();
      }
    });
  }
  must_end(sys);
  for (const int n : entries) EXPECT_EQ(n, actors);
}

TEST_P(CarriersBound, OfEightLetsAThousandThatBlockInReadGoOn) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  const std::size_t before = threads();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  {
    system sys(bounded(8));
    std::atomic<int> read{0};
    for (int i = 0; i < many; ++i) {
      sys.spawn([&](context&) {
        char c = 0;
        ssize_t n = 0;
        while ((n = ::read(ends[0], &c, 1)) < 0 && errno == EINTR) {
        }
        EXPECT_EQ(n, 1);
        ++read;
      });
    }
    // All carriers come to block; then there are none left for the others.
    must_come(sys, [&] { return sys.preemption().carriers.unbound >= 4; });
    const std::string bytes(static_cast<std::size_t>(many), 'x');
    EXPECT_EQ(::write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ends_within(sys, 8, before);
    EXPECT_EQ(read, many);
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(CarriersBoundOfTwo, GivesTheWorkerOfOneThatBlocksToOneThatComesBack) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  // Two behaviors in turn block in read(2) until the other one has written; both carriers are in
  // use then, and whoever comes back from a call needs the worker of the one that blocks.
  std::array<int, 2> there{};
  std::array<int, 2> back{};
  ASSERT_EQ(::pipe2(there.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(back.data(), O_CLOEXEC), 0);
  const auto read_byte = [](int from) {
    char c = 0;
    while (::read(from, &c, 1) < 0 && errno == EINTR) {
    }
  };
  {
    system sys({.workers = 1, .preempt = {.max_carriers = 2}});
    const std::size_t rounds = scaled(50);
    sys.spawn([&](context& self) {
      for (std::size_t i = 0; i < rounds; ++i) {
        EXPECT_EQ(::write(there[1], "x", 1), 1);
        read_byte(back[0]);
        self.yield();
      }
    });
    sys.spawn([&](context& self) {
      for (std::size_t i = 0; i < rounds; ++i) {
        read_byte(there[0]);
        self.yield();
        EXPECT_EQ(::write(back[1], "x", 1), 1);
      }
    });
    must_end(sys);
  }
  for (const int d : {there[0], there[1], back[0], back[1]}) ::close(d);
}

// What has no thread waits for one that ends; it is said, and those that have one take turns.
TEST_P(CarriersBound, OfEightLetsEndlessSpinnersTakeTurnsAndSaysThatOthersWait) {
  constexpr std::size_t bound = 8;
  constexpr std::size_t spinners = 2 * bound;
  system sys(bounded(bound));
  std::atomic<bool> stop{false};
  std::array<std::atomic<std::uint64_t>, spinners> turns{};
  for (auto& mine : turns) {
    sys.spawn([&](context&) { spin_until([&] { return ++mine, stop.load(); }); });
  }
  const auto running = [&](const auto& since) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < spinners; ++i) n += turns[i] > since[i] ? 1 : 0;
    return n;
  };
  must_come(sys, [&] { return running(std::array<std::uint64_t, spinners>{}) >= bound; });
  std::array<std::uint64_t, spinners> before{};
  for (std::size_t i = 0; i < spinners; ++i) before[i] = turns[i];
  must_come(sys, [&] { return running(before) >= bound; });
  const std::uint64_t said = sys.preemption().left_running;
  const auto late = sys.spawn<echo>();
  must_come(sys, [&] { return sys.preemption().left_running > said; });
  EXPECT_LE(running(std::array<std::uint64_t, spinners>{}), bound);
  stop = true;
  EXPECT_EQ(sys.ask(late, test::get{}), 1);
  late.kill();
  must_end(sys);
}

// One carrier blocks, the other one's behavior spins, and a third one waits.
TEST(CarriersBoundOfTwo, LeavesRunningWhomItCannotStopAndSaysSoOnce) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  testing::internal::CaptureStderr();
  {
    system sys({.workers = 1, .preempt = {.max_carriers = 2}});
    std::atomic<bool> waits{false};
    sys.spawn([&](context&) {
      char c = 0;
      while (::read(ends[0], &c, 1) < 0 && errno == EINTR) {
      }
    });
    must_come(sys, [&] { return sys.preemption().carriers.unbound == 1; });
    sys.spawn(
        [&](context&) { spin_until([&] { return waits && sys.preemption().left_running > 3; }); });
    sys.spawn([&](context&) {});
    waits = true;
    must_come(sys, [&] { return sys.actor_count() == 1; });
    EXPECT_GT(sys.preemption().left_running, 3U);
    EXPECT_EQ(sys.preemption().preemptions, 0U);
    EXPECT_EQ(::write(ends[1], "x", 1), 1);
    must_end(sys);
  }
  const std::string said = testing::internal::GetCapturedStderr();
  const std::string warning = "all 2 carriers are in use";
  const std::size_t first = said.find(warning);
  EXPECT_NE(first, std::string::npos) << said;
  EXPECT_NE(said.find("preemption_options::max_carriers"), std::string::npos) << said;
  EXPECT_EQ(said.find(warning, first + 1), std::string::npos) << said;
  for (const int d : ends) ::close(d);
}

TEST_P(CarriersBound, AtItsLeastIsEnough) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys(bounded(GetParam() + 1));
  std::mutex mutex;
  int entries = 0;
  for (int i = 0; i < 50; ++i) {
    sys.spawn([&](context& self) {
      spin_for(300us);
      const std::scoped_lock lock(mutex);
      spin_for(300us);
      ++entries;
      static_cast<void>(self);
    });
  }
  must_end(sys);
  EXPECT_EQ(entries, 50);
}

TEST_P(CarriersBound, ThreadsAreGoneWithTheSystem) {
  std::thread([] {}).join();  // with the first thread come those of a sanitizer
  const std::size_t before = threads();
  for (std::size_t round = 0; round < scaled(30); ++round) {
    system sys(bounded(64));
    for (int i = 0; i < 20; ++i) sys.spawn([](context&) { spin_for(500us); });
    if (round % 2 == 0) sys.spawn([](context& self) { self.sleep_for(1h); });
  }
  EXPECT_TRUE(eventually([&] { return threads() <= before; })) << threads() << " of " << before;
}

INSTANTIATE_TEST_SUITE_P(Workers, CarriersBound, testing::Values(1, 2),
                         [](const auto& chosen) { return std::to_string(chosen.param); });

}  // namespace
}  // namespace troupe

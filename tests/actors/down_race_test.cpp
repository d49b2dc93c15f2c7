// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <actors/downs.hpp>
#include <actors/quiet.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::count_downs;
using test::eventually;
using test::go;
using test::quiet;
using test::random_choices;
using test::scaled;

TEST(Monitor, RacingWithTheEndBringsExactlyOneDown) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys(quiet(workers));
    std::atomic<std::uint64_t> wrong{0};
    constexpr int watchers = 4;
    for (std::size_t round = 0; round < scaled(400); ++round) {
      std::atomic<bool> start{false};
      const any_ref target = sys.spawn([&, round](context& self) {
        random_choices random(round);
        while (!start) self.yield();
        for (std::uint64_t i = random.up_to(3); i > 0; --i) self.yield();
        switch (round % 3) {
          case 0:
            return;
          case 1:
            throw std::runtime_error("end");
          default:
            self.sleep_for(1h);
        }
      });
      std::atomic<int> ended{0};
      for (int w = 0; w < watchers; ++w) {
        sys.spawn([&, w](context& self) {
          random_choices random(10 * round + static_cast<std::size_t>(w));
          while (!start) self.yield();
          for (std::uint64_t i = random.up_to(3); i > 0; --i) self.yield();
          self.monitor(target);
          if (round % 3 == 2 && w == 0) target.kill();
          int downs = 0;
          self.receive([&](const down& d) { downs += d.actor == target; });
          // A second one would be under way: a round trip through an actor of our own gives it
          // time.
          const any_ref me = self.ref();
          self.spawn([me](context&) { me.send(go{}); });
          bool more = true;
          while (more) self.receive([&](const down&) { ++downs; }, [&](go) { more = false; });
          wrong += downs != 1;
          ++ended;
        });
      }
      start = true;
      ASSERT_TRUE(eventually([&] { return ended == watchers; })) << test::seed_message();
    }
    EXPECT_EQ(wrong, 0U) << test::seed_message();
    sys.await_actors();
  }
}

TEST(Monitor, WatchersThatEndFirstAreNoTrouble) {
  system sys(quiet(2));
  for (std::size_t round = 0; round < scaled(100); ++round) {
    const any_ref target = sys.spawn([](context& self) { self.receive([](go) {}); });
    for (int w = 0; w < 20; ++w) sys.spawn([target](context& self) { self.monitor(target); });
    target.send(go{});
    if (round % 10 == 0) sys.await_actors();
  }
  sys.await_actors();
  EXPECT_EQ(sys.dead_letter_count(), 0U) << "a down for an ended watcher is no dead letter";
}

TEST(Monitor, BringsTheDownOfTheActorThatWasMeantNotOfItsSuccessor) {
  system sys({.workers = 1});
  int recycled = 0;
  sys.spawn([&](context& self) {
    for (std::size_t i = 0; i < scaled(200); ++i) {
      const any_ref old = self.spawn([](context&) {});
      while (old.alive()) self.yield();
      const any_ref successor = self.spawn([](context& inner) { inner.receive([](go) {}); });
      recycled += (successor.id() & 0xffffffff) == (old.id() & 0xffffffff);
      self.monitor(old);
      self.receive([&](const down& d) { EXPECT_EQ(d.actor, old); });
      EXPECT_EQ(count_downs(self, 0ns), 0);
      EXPECT_TRUE(successor.alive());
      successor.send(go{});
    }
  });
  sys.await_actors();
  EXPECT_GT(recycled, 0) << "no block was recycled at once: the test has lost its subject";
}

/// Monitors an actor that outlives it, and ends.
void watch_briefly(context& self, const any_ref& long_lived) { self.monitor(long_lived); }

TEST(Monitor, ForgetsWatchersThatHaveEndedWhileTheMonitoredActorLives) {
  system sys({.workers = 2});
  const std::size_t watchers = scaled(5000);
  std::atomic<std::size_t> remembered{0};
  const any_ref long_lived = sys.spawn([&](context& self) {
    self.receive([](go) {});
    remembered = self.block().more.load_relaxed()->watcher_count;
  });
  for (std::size_t i = 0; i < watchers; ++i) {
    sys.spawn(&watch_briefly, long_lived);
    if (i % 16 == 0) {
      EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
    }
  }
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
  long_lived.send(go{});
  sys.await_actors();
  EXPECT_GT(remembered, 0U) << "nobody has watched: the test has lost its subject";
  EXPECT_LT(remembered, 200U);
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What system::actors() tells about preemption.
#include <support/look_at.hpp>
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::look_at;
using test::must_come;
using test::must_end;
using test::spin_for;
using test::spin_until;

struct go {};

/// Spins in a handler.
struct spinner : actor<void(go)> {
  explicit spinner(std::atomic<bool>& s) : stop(&s) {}
  void on(go) {
    spin_until([&] { return stop->load(); });
    self().quit();
  }
  std::atomic<bool>* stop;
};

TEST(ActorStatisticsOfPreemption, TellWhoIsStopped) {
  system sys({.workers = 1});
  std::atomic<bool> stop{false};
  const any_ref body = sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
  const any_ref handler = sys.spawn<spinner>(stop);
  handler.send(go{});
  const auto is = [&](const any_ref& who, actor_state state, run_mode mode) {
    const auto a = look_at(sys, who);
    return a && a->state == state && a->mode == mode;
  };
  for (int i = 0; i < 5; ++i) {
    must_come(sys, [&] { return is(body, actor_state::preempted, run_mode::poll); });
    must_come(sys, [&] { return is(body, actor_state::runnable, run_mode::poll); });
    must_come(sys, [&] { return is(handler, actor_state::preempted, run_mode::switched); });
    must_come(sys, [&] { return is(handler, actor_state::runnable, run_mode::no_generator); });
  }
  stop = true;
  must_end(sys);
}

TEST(ActorStatisticsOfPreemption, TellWhoRunsWithoutAWorker) {
  system sys({.workers = 1});
  std::atomic<bool> stop{false};
  std::atomic<bool> back{false};
  const any_ref a = sys.spawn([&](context& self) {
    while (!stop) blocking([] { std::this_thread::sleep_for(1ms); });
    back = true;
    self.receive([](go) {});
  });
  must_come(sys, [&] { return look_at(sys, a)->state == actor_state::unbound; });
  must_come(sys, [&] { return look_at(sys, a)->unbinds > 3; });
  EXPECT_EQ(look_at(sys, a)->mode, run_mode::poll);
  stop = true;
  must_come(sys, [&] { return back && look_at(sys, a)->state == actor_state::receiving; });
  a.send(go{});
  must_end(sys);
}

TEST(ActorStatisticsOfPreemption, AddUpToNoMoreThanTheSystems) {
  system sys({.workers = 2, .preempt = {.fresh_quantum = 100us, .batch_quantum = 200us}});
  std::atomic<bool> stop{false};
  counter jobs;
  for (int i = 0; i < 4; ++i) {
    sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
    sys.spawn([&](context&) {
      while (!stop) blocking([] { spin_for(50us); });
    });
    // A job counts for the system only.
    sys.run([&] { spin_until([&] { return stop.load(); }); }, jobs);
  }
  must_come(sys, [&] { return sys.preemption().preemptions > 200; });
  for (int i = 0; i < 200; ++i) {
    std::uint64_t preemptions = 0;
    std::uint64_t unbinds = 0;
    std::uint64_t deferrals = 0;
    for (const actor_statistics& a : sys.actors()) {
      preemptions += a.preemptions;
      unbinds += a.unbinds;
      deferrals += a.deferrals;
    }
    const preemption_statistics all = sys.preemption();
    EXPECT_LE(deferrals, all.deferrals);
    EXPECT_LE(preemptions, all.preemptions);
    EXPECT_LE(unbinds, all.unbinds);
    EXPECT_GT(preemptions, 0U);
    std::this_thread::yield();
  }
  stop = true;
  jobs.wait();
  must_end(sys);
}

TEST(ActorStatisticsOfPreemption, CountEachOnesOwn) {
  test::contended_worker beside;
  beside.sys.spawn([&](context& self) {
    const auto idle = self.spawn<test::echo>();
    beside.be_preempted(10);
    const auto me = look_at(self.home(), self.ref());
    EXPECT_GE(me->preemptions + me->unbinds, 1U);
    EXPECT_EQ(look_at(self.home(), idle)->preemptions, 0U);
    any_ref(idle).kill();
  });
  beside.end();
}

TEST(ActorStatisticsOfPreemption, CountDeferralsOfTheOneThatIsPutOff) {
  test::contended_worker beside;
  beside.sys.spawn([&](context& self) {
    const std::uint64_t all_before = self.home().preemption().deferrals;
    {
      const no_preempt together;
      spin_until([&] { return self.home().preemption().deferrals > all_before + 5; });
    }
    beside.be_preempted(1);
    const auto me = look_at(self.home(), self.ref());
    EXPECT_GT(me->deferrals, 5U);
    EXPECT_LE(me->deferrals, self.home().preemption().deferrals);
  });
  beside.end();
}

TEST(ActorStatisticsOfPreemption, TellWhoWaitsForAWorker) {
  system sys({.workers = 1, .preempt = {.batch_quantum = 10s}});
  std::atomic<bool> kept{false};
  std::atomic<bool> stop{false};
  const any_ref back = sys.spawn([&](context&) {
    blocking([&] {
      while (!kept) std::this_thread::sleep_for(1ms);
    });
  });
  must_come(sys, [&] { return look_at(sys, back)->state == actor_state::unbound; });
  sys.spawn([&](context&) {
    const no_preempt mine;
    kept = true;
    spin_until([&] { return stop.load(); });
  });
  must_come(sys, [&] { return look_at(sys, back)->state == actor_state::returning; });
  must_come(sys, [&] {  // the actor is marked before its carrier is counted
    const auto carriers = sys.preemption().carriers;
    return carriers.returning == 1 && carriers.frozen == 0;
  });
  stop = true;
  must_end(sys);
}

/// The number of the slot that an actor lives in.
std::uint32_t slot_of(const any_ref& a) { return static_cast<std::uint32_t>(a.id()); }

TEST(ActorStatisticsOfPreemption, BeginAgainWithTheNextLifeOfASlot) {
  std::atomic<bool> found{false};
  test::contended_worker beside;
  beside.sys.spawn([&](context& self) {
    while (!found) {
      const any_ref first =
          self.spawn(spawn_options{.fresh_quantum = 100us, .batch_quantum = 100us},
                     [&](context&) { beside.be_preempted(2); });
      while (first.alive()) {
        const auto a = look_at(self.home(), first);
        EXPECT_TRUE(!a || a->fresh_quantum == 100us);
        self.yield();
      }
      const any_ref next = self.spawn([](context& me) { me.receive([](go) {}); });
      const auto a = look_at(self.home(), next);
      ASSERT_TRUE(a);
      EXPECT_EQ(a->preemptions, 0U);
      EXPECT_EQ(a->unbinds, 0U);
      EXPECT_EQ(a->deferrals, 0U);
      EXPECT_EQ(a->rescues, 0U);
      EXPECT_EQ(a->fresh_quantum, 1ms);
      EXPECT_EQ(a->batch_quantum, 10ms);
      EXPECT_NE(a->state, actor_state::preempted);
      found = slot_of(first) == slot_of(next);
      next.send(go{});
    }
  });
  must_come(beside.sys, [&] { return found.load(); });
}

TEST(ActorStatisticsOfPreemption, MayBeAskedForWhileActorsArePreempted) {
  system sys({.workers = 2, .preempt = {.fresh_quantum = 100us, .batch_quantum = 100us}});
  std::atomic<bool> stop{false};
  for (int i = 0; i < 4; ++i) {
    sys.spawn(spawn_options{.name = "one that looks at all, and whose own name is a long one"},
              [&](context& self) {
                while (!stop) {
                  for (const actor_statistics& a : self.home().actors()) EXPECT_NE(a.id, 0U);
                  self.spawn(spawn_options{.batch_quantum = 60us}, [](context& me) { me.yield(); });
                }
              });
    sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
  }
  must_come(sys, [&] { return sys.preemption().preemptions > 500; });
  stop = true;
  must_end(sys);
}

}  // namespace
}  // namespace troupe

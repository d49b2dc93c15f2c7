// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What system::actors() tells, but for what preemption has done to them: see tests/preempt.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/look_at.hpp>
#include <actors/asking.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::get;
using test::look_at;

struct go {};

/// Whether it comes into that state and mode.
bool comes(const system& sys, const any_ref& who, actor_state state, run_mode mode) {
  return eventually([&] {
    const auto a = look_at(sys, who);
    return a && a->state == state && a->mode == mode;
  });
}

struct counter_actor : actor<void(go)> {
  void on(go) {}
};

TEST(ActorStatistics, NameThoseThatLive) {
  system sys({.workers = 2, .preempt = {.fresh_quantum = 2ms, .batch_quantum = 3ms}});
  EXPECT_TRUE(sys.actors().empty());
  const auto first = sys.spawn<counter_actor>(
      spawn_options{.name = "first", .prio = priority::low, .batch_quantum = 400us});
  const any_ref second = sys.spawn([](context& self) { self.receive([](go) {}); });
  EXPECT_EQ(sys.actors().size(), 2U);

  const auto a = look_at(sys, first);
  ASSERT_TRUE(a);
  EXPECT_EQ(a->name, "first");
  EXPECT_NE(a->type.find("counter_actor"), std::string::npos) << a->type;
  EXPECT_EQ(a->prio, priority::low);
  EXPECT_EQ(a->fresh_quantum, 2ms);
  EXPECT_EQ(a->batch_quantum, 400us);
  EXPECT_EQ(a->preemptions, 0U);
  EXPECT_EQ(a->unbinds, 0U);

  const auto b = look_at(sys, second);
  ASSERT_TRUE(b);
  EXPECT_EQ(b->name, "");
  EXPECT_EQ(b->prio, priority::normal);
  EXPECT_EQ(b->fresh_quantum, 2ms);
  EXPECT_EQ(b->batch_quantum, 3ms);

  second.send(go{});
  any_ref(first).kill();
  sys.await_actors();
  EXPECT_TRUE(sys.actors().empty());
}

TEST(ActorStatistics, SayNothingOfOtherSystems) {
  system one({.workers = 1});
  system other({.workers = 1});
  const any_ref a = one.spawn<counter_actor>();
  EXPECT_EQ(one.actors().size(), 1U);
  EXPECT_TRUE(other.actors().empty());
  a.kill();
  one.await_actors();
}

struct question {};

/// Asks while it handles a message.
struct relay : actor<void(go)> {
  explicit relay(actor_ref<int(question)> to) : to_(to) {}
  void on(go) { self().ask(to_, question{}); }
  actor_ref<int(question)> to_;
};

/// Receives while it handles a message.
struct selective : actor<void(go), void(get)> {
  void on(go) {
    self().receive([](get) {});
  }
  void on(get) {}
};

TEST(ActorStatistics, TellHowHandlersAreRun) {
  system sys({.workers = 1});
  const auto silent = sys.spawn<int(question)>([](context& self) {
    self.receive([](go) {});
    self.receive([](question) { return 1; });
  });
  const auto asking = sys.spawn<relay>(silent);
  const auto receiving = sys.spawn<selective>();
  for (const any_ref& a : {any_ref(asking), any_ref(receiving)}) {
    EXPECT_TRUE(comes(sys, a, actor_state::idle, run_mode::no_generator));
  }
  asking.send(go{});
  receiving.send(go{});
  EXPECT_TRUE(comes(sys, asking, actor_state::waiting, run_mode::switched));
  EXPECT_TRUE(comes(sys, receiving, actor_state::receiving, run_mode::switched));
  any_ref(silent).send(go{});
  receiving.send(get{});
  for (const any_ref& a : {any_ref(asking), any_ref(receiving)}) {
    EXPECT_TRUE(comes(sys, a, actor_state::idle, run_mode::no_generator));
    a.kill();
  }
  sys.await_actors();
}

TEST(ActorStatistics, TellWhereBodiesWait) {
  system sys({.workers = 1});
  std::atomic<bool> stop{false};
  const any_ref receiving = sys.spawn([](context& self) { self.receive([](go) {}); });
  const any_ref sleeping = sys.spawn([](context& self) { self.sleep_for(1h); });
  const any_ref own_stack = sys.spawn(spawn_options{.stack_size = 64 * 1024},
                                      [](context& self) { self.receive([](go) {}); });
  EXPECT_TRUE(comes(sys, receiving, actor_state::receiving, run_mode::poll));
  EXPECT_TRUE(comes(sys, own_stack, actor_state::receiving, run_mode::poll));
  EXPECT_TRUE(comes(sys, sleeping, actor_state::waiting, run_mode::poll));
  const any_ref yielding = sys.spawn([&](context& self) {
    while (!stop) self.yield();
  });
  EXPECT_TRUE(comes(sys, yielding, actor_state::runnable, run_mode::poll));
  stop = true;
  for (const any_ref& a : {receiving, sleeping, own_stack}) a.kill();
  sys.await_actors();
}

TEST(ActorStatistics, MayBeAskedForInABehavior) {
  system sys({.workers = 1});
  test::as_actor(sys, [](context& self) {
    const auto me = look_at(self.home(), self.ref());
    ASSERT_TRUE(me);
    EXPECT_EQ(me->state, actor_state::runnable);
    EXPECT_EQ(me->mode, run_mode::poll);
  });
}

TEST(ActorStatistics, HaveReadableWords) {
  std::set<std::string> states;
  for (const auto s : {actor_state::idle, actor_state::runnable, actor_state::preempted,
                       actor_state::unbound, actor_state::receiving, actor_state::waiting}) {
    states.insert(to_string(s));
  }
  EXPECT_EQ(states.size(), 6U);
  std::set<std::string> modes;
  for (const auto m : {run_mode::no_generator, run_mode::switched, run_mode::poll}) {
    modes.insert(to_string(m));
  }
  EXPECT_EQ(modes.size(), 3U);
}

const char* const long_name = "a name that is too long for the string object itself to hold it";

struct named : actor<void(go)> {
  void on(go) { self().quit(); }
};
struct nameless : actor<void(go)> {
  void on(go) { self().quit(); }
};

/// Each is what one life was: that of the slot's next one may be quite another.
void expect_one_life(const actor_statistics& a) {
  if (a.type.find("named") != std::string::npos) {
    EXPECT_TRUE(a.name == long_name || a.name.empty()) << a.name;  // it gets it as it begins
    EXPECT_EQ(a.prio, priority::low);
    EXPECT_EQ(a.fresh_quantum, 1ms);
    EXPECT_TRUE(a.batch_quantum == 500us || a.batch_quantum == 10ms);  // likewise
  } else if (a.type.find("nameless") != std::string::npos) {
    EXPECT_EQ(a.name, "");
    EXPECT_EQ(a.prio, priority::high);
    EXPECT_EQ(a.fresh_quantum, 1ms);
    EXPECT_EQ(a.batch_quantum, 10ms);
  }
  EXPECT_NE(a.id, 0U);
}

/// Spawns actors of both kinds and lets them end, so that slots change hands.
void come_and_go(context& self, std::size_t rounds) {
  for (std::size_t i = 0; i < rounds; ++i) {
    const any_ref a = self.spawn<named>(
        spawn_options{.name = long_name, .prio = priority::low, .batch_quantum = 500us});
    const any_ref b = self.spawn<nameless>(spawn_options{.prio = priority::high});
    a.send(go{});
    b.send(go{});
    if (i % 4 == 0) self.yield();
  }
}

TEST(ActorStatistics, MayBeAskedForWhileActorsComeAndGo) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    std::atomic<bool> stop{false};
    std::atomic<std::size_t> seen{0};
    std::vector<std::thread> lookers;
    for (int i = 0; i < 2; ++i) {
      lookers.emplace_back([&] {
        while (!stop) {
          for (const actor_statistics& a : sys.actors()) {
            expect_one_life(a);
            ++seen;
          }
        }
      });
    }
    for (int i = 0; i < 2; ++i) {
      sys.spawn([&](context& self) {
        do {
          come_and_go(self, test::scaled(5'000));
        } while (seen == 0);
      });
    }
    sys.await_actors();
    EXPECT_TRUE(sys.actors().empty());
    stop = true;
    for (std::thread& t : lookers) t.join();
  }
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Nobody starves: priorities, long queues, endless conversations.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;

struct ball {};
struct get {};

/// Two of these keep a queue busy for ever.
struct player : actor<void(ball), void(any_ref)> {
  void on(any_ref r) { partner = r; }
  void on(ball) { partner.send(ball{}); }
  any_ref partner;
};

void start_game(system& sys, priority prio) {
  const auto a = sys.spawn<player>(spawn_options{.prio = prio});
  const auto b = sys.spawn<player>(spawn_options{.prio = prio});
  a.send(any_ref(b));
  b.send(any_ref(a));
  a.send(ball{});
}

struct answers : actor<int(get), void(ball)> {
  int on(get) { return 1; }
  void on(ball) { ++balls; }
  int balls = 0;
};

class Priority : public testing::TestWithParam<priority> {};

TEST_P(Priority, NeverStarvesBelowHigherOnes) {
  system sys({.workers = 1});
  for (int i = 0; i < 3; ++i) {
    start_game(sys, priority::high);
    start_game(sys, priority::normal);
  }
  const auto a = sys.spawn<answers>(spawn_options{.prio = GetParam()});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sys.ask(a, get{}), 1);
  // In every style, and woken by an actor of high priority.
  std::atomic<int> steps{0};
  sys.spawn(spawn_options{.prio = GetParam()},
            [&](context& self) {
              ++steps;
              self.sleep_for(1ms);
              ++steps;
              self.yield();
              ++steps;
              self.receive([&](ball) { ++steps; }, after(60s));
            })
      .send(ball{});
  EXPECT_TRUE(eventually([&] { return steps == 4; }));
  EXPECT_TRUE(sys.shutdown(60s).clean());
}

TEST_P(Priority, NeverStarvesWhenItIsWokenByAnActorOfHighPriority) {
  system sys({.workers = 1});
  start_game(sys, priority::high);
  std::atomic<bool> woken{false};
  const any_ref sleeper = sys.spawn(spawn_options{.prio = GetParam()}, [&](context& self) {
    self.receive([](ball) {});
    woken = true;
  });
  std::atomic<bool> ready{false};
  const any_ref waker = sys.spawn(spawn_options{.prio = priority::high}, [&](context& self) {
    ready = true;
    self.receive([](ball) {});
    sleeper.send(ball{});
  });
  EXPECT_TRUE(eventually([&] { return ready.load(); }));
  std::this_thread::sleep_for(2ms);  // lets the sleeper come to its wait
  waker.send(ball{});
  EXPECT_TRUE(eventually([&] { return woken.load(); }));
  EXPECT_TRUE(sys.shutdown(60s).clean());
}

INSTANTIATE_TEST_SUITE_P(Of, Priority,
                         testing::Values(priority::high, priority::normal, priority::low),
                         [](const testing::TestParamInfo<priority>& p) {
                           return p.param == priority::high     ? "high"
                                  : p.param == priority::normal ? "normal"
                                                                : "low";
                         });

TEST(Fairness, AHigherPriorityGoesFirst) {
  system sys({.workers = 1});
  std::vector<int> order;
  sys.spawn([&](context& self) {
    for (int i = 0; i < 3; ++i) {
      for (const priority p : {priority::low, priority::normal, priority::high}) {
        self.spawn(spawn_options{.prio = p},
                   [&order, p](context&) { order.push_back(static_cast<int>(p)); });
      }
    }
  });
  sys.await_actors();
  ASSERT_EQ(order.size(), 9U);
  // Of eight turns, one belongs to each lower priority whatever waits above it: so those of high
  // priority have three of the first five.
  for (std::size_t i = 5; i < order.size(); ++i) EXPECT_NE(order[i], 0);
}

/// Keeps its own mailbox full.
struct self_feeder : actor<void(ball)> {
  void on(ball) { self().ref<void(ball)>().send(ball{}); }
};

TEST(Fairness, AHandlerActorThatFeedsItselfLetsOthersRun) {
  for (const std::size_t most : {1U, 256U}) {
    system sys({.workers = 1, .messages_per_activation = most});
    const auto f = sys.spawn<self_feeder>();
    for (int i = 0; i < 1000; ++i) f.send(ball{});
    const auto a = sys.spawn<answers>();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(sys.ask(a, get{}), 1);
    EXPECT_TRUE(sys.shutdown(60s).clean());
  }
}

TEST(Fairness, ADirectActorThatFeedsItselfLetsOthersRun) {
  for (const std::size_t most : {1U, 256U}) {
    system sys({.workers = 1, .messages_per_activation = most});
    const any_ref f = sys.spawn([](context& self) {
      for (;;) self.receive([&](ball) { self.ref().send(ball{}); });
    });
    for (int i = 0; i < 1000; ++i) f.send(ball{});
    const auto a = sys.spawn<answers>();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(sys.ask(a, get{}), 1);
    std::atomic<bool> rang{false};
    sys.spawn([&](context& self) {
      self.sleep_for(1ms);
      rang = true;
    });
    EXPECT_TRUE(eventually([&] { return rang.load(); }));
    EXPECT_TRUE(sys.shutdown(60s).clean());
  }
}

TEST(Fairness, ADirectActorThatPollsItsMailboxLetsOthersRun) {
  std::atomic<bool> stop{false};
  system sys({.workers = 1});
  sys.spawn([&](context& self) {
    while (!stop) self.receive([](ball) {}, after(0ns));
  });
  const auto a = sys.spawn<answers>();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sys.ask(a, get{}), 1);
  stop = true;
}

TEST(Fairness, AnActorHandlesAtMostItsShareInARow) {
  constexpr std::size_t most = 10;
  std::vector<int> log;
  std::atomic<int> done{0};
  system sys({.workers = 1, .messages_per_activation = most});
  // Both write down who handles; one worker: no race.
  struct logger : actor<void(ball)> {
    logger(std::vector<int>& l, std::atomic<int>& d, int n) : log(&l), done(&d), name(n) {}
    void on(ball) {
      log->push_back(name);
      ++*done;
    }
    std::vector<int>* log;
    std::atomic<int>* done;
    int name;
  };
  sys.spawn([&](context& self) {
    const auto a = self.spawn<logger>(log, done, 1);
    const auto b = self.spawn<logger>(log, done, 2);
    for (int i = 0; i < 200; ++i) {
      a.send(ball{});
      b.send(ball{});
    }
  });
  ASSERT_TRUE(eventually([&] { return done == 400; }));
  std::size_t longest = 0;
  std::size_t run = 0;
  for (std::size_t i = 0; i < log.size() / 2; ++i) {
    run = i > 0 && log[i] == log[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  EXPECT_LE(longest, most);
  EXPECT_GT(longest, 0U);
}

TEST(Fairness, AnEndlessConversationLetsThreadsAndTimersIn) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    for (std::size_t i = 0; i < 2 * workers; ++i) start_game(sys, priority::normal);
    const auto a = sys.spawn<answers>();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(sys.ask(a, get{}), 1);
    std::atomic<int> rang{0};
    for (int i = 0; i < 10; ++i) {
      sys.spawn([&](context& self) {
        for (int j = 0; j < 5; ++j) self.sleep_for(1ms);
        ++rang;
      });
    }
    EXPECT_TRUE(eventually([&] { return rang == 10; }));
    EXPECT_TRUE(sys.shutdown(60s).clean());
  }
}

}  // namespace
}  // namespace troupe

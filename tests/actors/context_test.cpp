// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;
using test::random_choices;
using test::scaled;

struct ping {};
struct get {};

// ---- sleep_for

TEST(SleepFor, NeverEndsEarly) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    for (std::size_t i = 0; i < scaled(200); ++i) {
      sys.spawn([i](context& self) {
        random_choices random(i);
        for (int j = 0; j < 10; ++j) {
          const auto wait = std::chrono::nanoseconds(random.up_to(10'000'000));
          const auto begin = steady_clock::now();
          self.sleep_for(wait);
          EXPECT_GE(steady_clock::now() - begin, wait) << test::seed_message();
        }
      });
    }
    sys.await_actors();
  }
}

TEST(SleepFor, OfZeroOrLessReturns) {
  system sys;
  sys.spawn([](context& self) {
    self.sleep_for(0ns);
    self.sleep_for(-1h);
    self.sleep_for(std::chrono::nanoseconds::min());
    troupe::sleep_for(-1h);
  });
  sys.await_actors();
  troupe::sleep_for(-1h);  // on a plain thread
}

TEST(SleepFor, InAHandlerKeepsMessagesWaitingInOrder) {
  struct sleepy : actor<void(int), std::vector<int>(get)> {
    void on(int i) {
      seen.push_back(i);
      self().sleep_for(std::chrono::microseconds(i % 3 * 300));
    }
    std::vector<int> on(get) { return seen; }
    std::vector<int> seen;
  };
  system sys;
  const auto a = sys.spawn<sleepy>();
  for (int i = 0; i < 30; ++i) a.send(i);
  const std::vector<int> seen = sys.ask(a, get{});
  ASSERT_EQ(seen.size(), 30U);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(SleepFor, SleepersDoNotKeepAWorkerFromOthers) {
  system sys({.workers = 1});
  std::vector<any_ref> sleepers;
  for (int i = 0; i < 100; ++i) {
    sleepers.push_back(sys.spawn([](context& self) { self.sleep_for(1h); }));
  }
  std::atomic<bool> ran{false};
  sys.spawn([&](context& self) {
    self.sleep_for(1ms);
    ran = true;
  });
  EXPECT_TRUE(eventually([&] { return ran.load(); }));
  for (const any_ref& s : sleepers) s.kill();
  sys.await_actors();
}

// ---- yield

TEST(Yield, LetsOthersRunOnTheOnlyWorker) {
  system sys({.workers = 1});
  std::atomic<bool> flag{false};
  std::atomic<int> done{0};
  for (int i = 0; i < 5; ++i) {
    sys.spawn([&](context& self) {
      while (!flag) self.yield();
      ++done;
    });
  }
  sys.spawn([&](context&) { flag = true; });
  sys.await_actors();
  EXPECT_EQ(done, 5);
}

TEST(Yield, OfTheLastActorDoesNotKeepTimersFromFiring) {
  for (int yielders = 1; yielders <= 3; ++yielders) {
    system sys({.workers = 1});
    std::atomic<bool> rung{false};
    struct bell : actor<void(ping)> {
      explicit bell(std::atomic<bool>& f) : flag(&f) {}
      void on(ping) {
        *flag = true;
        self().quit();
      }
      std::atomic<bool>* flag;
    };
    const auto b = sys.spawn<bell>(rung);
    for (int i = 0; i < yielders; ++i) {
      sys.spawn([&, b](context& self) {
        self.send_after(2ms, b, ping{});
        while (!rung) self.yield();
      });
    }
    sys.await_actors();
    EXPECT_TRUE(rung);
  }
}

TEST(Yield, LetsMessagesFromThreadsIn) {
  std::atomic<bool> flag{false};
  std::atomic<bool> yielding{false};
  system sys({.workers = 1});
  struct setter : actor<void(std::atomic<bool>*)> {
    void on(std::atomic<bool>* f) { *f = true; }
  };
  const auto s = sys.spawn<setter>();
  sys.spawn([&](context& self) {
    while (!flag) {
      self.yield();
      yielding = true;
    }
  });
  EXPECT_TRUE(eventually([&] { return yielding.load(); }));
  s.send(&flag);
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
}

TEST(Yield, OfManyActorsIsFair) {
  system sys({.workers = 1});
  constexpr std::size_t actors = 10;
  const std::uint64_t rounds = scaled(20'000);
  std::vector<std::uint64_t> counts(actors);
  std::vector<std::uint64_t> at_first_end(actors);
  bool ended = false;
  std::atomic<bool> start{false};
  for (std::size_t a = 0; a < actors; ++a) {
    sys.spawn([&, a](context& self) {
      while (!start) self.yield();
      for (std::uint64_t i = 0; i < rounds; ++i) {
        ++counts[a];
        self.yield();
      }
      if (!ended) {  // one worker: no race
        ended = true;
        at_first_end = counts;
      }
    });
  }
  start = true;
  sys.await_actors();
  for (const std::uint64_t n : at_first_end) EXPECT_GE(n, rounds - rounds / 4);
}

TEST(Yield, OnAPlainThreadIsHarmless) { troupe::yield(); }

// ---- quit

TEST(Quit, EndsAHandlerActorAfterTheMessage) {
  struct quitter : actor<void(ping), int(get)> {
    explicit quitter(std::atomic<int>& n) : seen(&n) {}
    void on(ping) {
      ++*seen;
      self().quit();
      self().quit(exit_reason::kind::killed);  // the first reason counts
      ++*seen;
    }
    int on(get) { return *seen; }
    std::atomic<int>* seen;
  };
  std::atomic<int> seen{0};
  system sys({.workers = 1});
  const auto q = sys.spawn<quitter>(seen);
  sys.spawn([q](context& self) {
    self.monitor(q);
    for (int i = 0; i < 3; ++i) q.send(ping{});
    self.receive([](const down& d) { EXPECT_TRUE(d.reason.is_normal()) << d.reason.what(); });
  });
  sys.await_actors();
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(sys.dead_letter_count(), 2U);
}

TEST(Quit, LetsADirectBodyGoOnToItsNextWait) {
  system sys;
  std::atomic<int> at{0};
  sys.spawn([&](context& self) {
    struct at_end {
      std::atomic<int>& n;
      ~at_end() { n += 100; }
    } const guard{at};
    self.quit();
    at = 1;
    try {
      self.sleep_for(1ms);
      at = 2;
    } catch (const actor_exit&) {
      at = 3;
      EXPECT_THROW(self.yield(), actor_exit);
      EXPECT_THROW(troupe::yield(), actor_exit);
      EXPECT_THROW(self.receive([](ping) {}), actor_exit);
      EXPECT_THROW(self.receive([](ping) {}, after(0ns)), actor_exit);
      EXPECT_THROW(self.sleep_for(0ns), actor_exit);
      EXPECT_THROW(self.ask<int>(self.ref(), get{}), actor_exit);
      throw;
    }
  });
  sys.await_actors();
  EXPECT_EQ(at, 103);
}

TEST(Quit, InANestedHandlerEndsTheActorThatWaits) {
  struct waiter : actor<void(ping)> {
    void on(ping) {
      self().receive([this](int) { self().quit(exit_reason::kind::killed); });
      EXPECT_THROW(self().receive([](int) {}), actor_exit);
      throw actor_exit{};
    }
  };
  system sys;
  const auto w = sys.spawn<waiter>();
  sys.spawn([w](context& self) {
    self.monitor(w);
    w.send(ping{});
    any_ref(w).send(1);
    self.receive([](const down& d) { EXPECT_EQ(d.reason.code(), exit_reason::kind::killed); });
  });
  sys.await_actors();
}

// ---- waiting and the C++ runtime

int recurse_and_wait(context& self, int depth) {
  volatile char ballast[512];
  ballast[0] = static_cast<char>(depth);
  if (depth == 0) {
    self.sleep_for(1ms);
    return 0;
  }
  return recurse_and_wait(self, depth - 1) + (ballast[0] == static_cast<char>(depth));
}

TEST(Waiting, WorksAtAnyDepth) {
  system sys({.workers = 2});
  std::atomic<int> right{0};
  for (int i = 0; i < 20; ++i) {
    sys.spawn([&](context& self) { right += recurse_and_wait(self, 100) == 100; });
  }
  sys.await_actors();
  EXPECT_EQ(right, 20);
}

struct waits_in_destructor {
  context self;
  ~waits_in_destructor() { self.sleep_for(1ms); }
};

TEST(Waiting, WorksInADestructorDuringUnwinding) {
  system sys({.workers = 2});
  std::atomic<int> right{0};
  for (int i = 0; i < 20; ++i) {
    sys.spawn([&, i](context& self) {
      try {
        const waits_in_destructor w{self};
        throw std::runtime_error(std::to_string(i));
      } catch (const std::runtime_error& e) {
        right += e.what() == std::to_string(i) && std::uncaught_exceptions() == 0;
      }
    });
  }
  sys.await_actors();
  EXPECT_EQ(right, 20);
}

TEST(Waiting, ManyHandlersOfManyActorsMayWaitAtOnce) {
  struct waiter : actor<void(int), long(get)> {
    void on(int i) {
      sum += i;
      self().sleep_for(100us);
      sum += i;
    }
    long on(get) { return sum; }
    long sum = 0;
  };
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    std::vector<ref_of<waiter>> all;
    const int actors = static_cast<int>(scaled(500));
    for (int i = 0; i < actors; ++i) all.push_back(sys.spawn<waiter>());
    for (int round = 0; round < 4; ++round) {
      for (const auto& a : all) a.send(1);
    }
    long total = 0;
    for (const auto& a : all) total += sys.ask(a, get{});
    EXPECT_EQ(total, 8L * actors);
  }
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::scaled;

struct go {};
struct get {};
struct never_sent {};

using body = std::function<void(context&)>;

struct mute : actor<int(get), void(go)> {
  int on(get) {
    self().receive([](never_sent) {});
    return 0;
  }
  void on(go) {}
};

struct wait_kind {
  std::string name;
  body wait;
};

/// Every way to wait in the middle of a behavior.
std::vector<wait_kind> all_waits() {
  return {
      {"receive", [](context& self) { self.receive([](never_sent) {}); }},
      {"receive with after", [](context& self) { self.receive([](never_sent) {}, after(1h)); }},
      {"nested receive",
       [](context& self) {
         self.ref().send(go{});
         self.receive([&](go) { self.receive([](never_sent) {}); });
       }},
      {"sleep_for", [](context& self) { self.sleep_for(1h); }},
      {"many short sleeps",
       [](context& self) {
         for (;;) self.sleep_for(10us);
       }},
      {"yield",
       [](context& self) {
         for (;;) self.yield();
       }},
      {"free yield",
       [](context&) {
         for (;;) troupe::yield();
       }},
      {"polling receive",
       [](context& self) {
         for (;;) self.receive([](never_sent) {}, after(0ns));
       }},
      {"receive of an endless stream",
       [](context& self) {
         self.ref().send(go{});
         for (;;) self.receive([&](go) { self.ref().send(go{}); });
       }},
      {"ask",
       [](context& self) {
         const auto m = self.spawn<mute>();
         struct killer {
           ref_of<mute> victim;
           ~killer() { victim.kill(); }
         } const at_end{m};
         self.ask(m, get{});
       }},
      {"ask with time-out",
       [](context& self) {
         const auto m = self.spawn<mute>();
         struct killer {
           ref_of<mute> victim;
           ~killer() { victim.kill(); }
         } const at_end{m};
         self.ask(m, get{}, 1h);
       }},
      {"wait in a catch block",
       [](context& self) {
         try {
           throw std::runtime_error("in hand");
         } catch (const std::runtime_error&) {
           self.receive([](never_sent) {});
         }
       }},
  };
}

class Kill : public testing::TestWithParam<std::size_t> {};

TEST_P(Kill, EndsADirectActorInEveryKindOfWaitAndUnwindsIt) {
  for (const wait_kind& kind : all_waits()) {
    SCOPED_TRACE(kind.name);
    for (std::size_t round = 0; round < scaled(20); ++round) {
      system sys(
          {.workers = GetParam(), .on_failure = [](const failure& f) { ADD_FAILURE() << f.what; }});
      std::atomic<bool> started{false};
      std::atomic<int> unwound{0};
      const any_ref victim = sys.spawn([&](context& self) {
        struct at_end {
          std::atomic<int>& n;
          ~at_end() { ++n; }
        } const guard{unwound};
        started = true;
        kind.wait(self);
        ADD_FAILURE() << "the wait returned";
      });
      std::atomic<bool> told{false};
      sys.spawn([&, victim](context& self) {
        self.monitor(victim);
        while (!started) self.yield();
        if (round % 2 == 0) self.sleep_for(std::chrono::microseconds(round * 100));
        victim.kill();
        self.receive([&](const down& d) { told = d.reason.code() == exit_reason::kind::killed; });
      });
      sys.await_actors();
      ASSERT_EQ(unwound, 1);
      ASSERT_TRUE(told);
    }
  }
}

struct waits_in_handler : actor<void(go), void(get)> {
  waits_in_handler(body b, std::atomic<bool>& s, std::atomic<int>& d)
      : wait(std::move(b)), started(&s), destroyed(&d) {}
  ~waits_in_handler() { ++*destroyed; }
  void on(go) {
    if (started->exchange(true)) return;
    context me = self();
    wait(me);
  }
  void on(get) {}
  body wait;
  std::atomic<bool>* started;
  std::atomic<int>* destroyed;
};

TEST_P(Kill, EndsAHandlerActorInEveryKindOfWait) {
  for (const wait_kind& kind : all_waits()) {
    if (kind.name == "nested receive" || kind.name == "receive of an endless stream") continue;
    SCOPED_TRACE(kind.name);
    for (std::size_t round = 0; round < scaled(20); ++round) {
      system sys(
          {.workers = GetParam(), .on_failure = [](const failure& f) { ADD_FAILURE() << f.what; }});
      std::atomic<bool> started{false};
      std::atomic<int> destroyed{0};
      const body wait = [&](context& self) {
        kind.wait(self);
        ADD_FAILURE() << "the wait returned";
      };
      const auto victim = sys.spawn<waits_in_handler>(wait, started, destroyed);
      victim.send(go{});
      EXPECT_TRUE(eventually([&] { return started.load(); }));
      if (round % 2 == 0) std::this_thread::yield();
      victim.kill();
      sys.await_actors();
      ASSERT_EQ(destroyed, 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, Kill, testing::Values(1, 2), testing::PrintToStringParamName());

TEST(KillAnActor, ThatIsIdleEndsIt) {
  system sys;
  std::vector<ref_of<mute>> all;
  for (int i = 0; i < 100; ++i) all.push_back(sys.spawn<mute>());
  for (const auto& m : all) EXPECT_TRUE(m.alive());
  for (const auto& m : all) m.kill();
  sys.await_actors();
  for (const auto& m : all) EXPECT_FALSE(m.alive());
  for (const auto& m : all) m.kill();  // does nothing
  EXPECT_EQ(sys.dead_letter_count(), 0U);
}

TEST(KillAnActor, ThatHasWaitingMessagesMakesThemDeadLetters) {
  system sys({.workers = 1});
  std::atomic<bool> open{false};
  std::atomic<int> handled{0};
  struct slow : actor<void(go)> {
    slow(std::atomic<bool>& o, std::atomic<int>& h) : open(&o), handled(&h) {}
    void on(go) {
      ++*handled;
      while (!*open) self().yield();
    }
    std::atomic<bool>* open;
    std::atomic<int>* handled;
  };
  const auto s = sys.spawn<slow>(open, handled);
  for (int i = 0; i < 100; ++i) s.send(go{});
  EXPECT_TRUE(eventually([&] { return handled == 1; }));
  s.kill();
  open = true;
  sys.await_actors();
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(sys.dead_letter_count(), 99U);
}

TEST(KillAnActor, ThatSwallowsItIsToldAgainAtItsNextWait) {
  system sys;
  std::atomic<int> told{0};
  std::atomic<bool> started{false};
  const any_ref stubborn = sys.spawn([&](context& self) {
    started = true;
    for (int i = 0; i < 5; ++i) {
      try {
        self.receive([](never_sent) {});
      } catch (...) {
        ++told;
      }
    }
  });
  EXPECT_TRUE(eventually([&] { return started.load(); }));
  stubborn.kill();
  sys.await_actors();
  EXPECT_EQ(told, 5);
}

TEST(KillAnActor, ThatWaitsForItsJobsLetsThemFinishFirst) {
  system sys({.workers = 2});
  for (std::size_t i = 0; i < scaled(50); ++i) {
    std::atomic<int> running{0};
    std::atomic<bool> open{false};
    std::atomic<bool> after_wait{false};
    const any_ref boss = sys.spawn([&](context& self) {
      int local = 0;
      counter done;
      run(
          [&] {
            ++running;
            while (!open) troupe::yield();
            local = 1;  // the frame must still be there
          },
          done);
      done.wait();
      EXPECT_EQ(local, 1);
      after_wait = true;
      self.sleep_for(1h);
    });
    EXPECT_TRUE(eventually([&] { return running == 1; }));
    boss.kill();
    std::this_thread::yield();
    EXPECT_FALSE(after_wait);
    open = true;
    sys.await_actors();
    EXPECT_TRUE(after_wait);
  }
}

TEST(KillAnActor, BeforeItsBodyRunsIsNoticedAtItsFirstWait) {
  system sys({.workers = 1});
  std::atomic<int> began{0};
  std::atomic<int> waited{0};
  sys.spawn([&](context& self) {
    for (int i = 0; i < 20; ++i) {
      self.spawn([&](context& inner) {
            ++began;
            inner.sleep_for(1ms);
            ++waited;
          })
          .kill();
    }
  });
  sys.await_actors();
  EXPECT_EQ(began, 20);
  EXPECT_EQ(waited, 0);
}

TEST(KillAnActor, FromManyThreadsAtOnceEndsItOnce) {
  for (std::size_t round = 0; round < scaled(200); ++round) {
    system sys({.workers = 2});
    std::atomic<int> ends{0};
    const any_ref victim = sys.spawn([&](context& self) {
      struct at_end {
        std::atomic<int>& n;
        ~at_end() { ++n; }
      } const guard{ends};
      for (;;) self.receive([](go) {}, after(10us));
    });
    {
      std::vector<std::jthread> killers;
      for (int t = 0; t < 3; ++t) {
        killers.emplace_back([&] {
          victim.send(go{});
          victim.kill();
          victim.send(go{});
        });
      }
    }
    sys.await_actors();
    ASSERT_EQ(ends, 1);
  }
}

}  // namespace
}  // namespace troupe

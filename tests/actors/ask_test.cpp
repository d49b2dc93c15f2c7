// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <actors/asking.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::as_actor;
using test::cell;
using test::error_of;
using test::eventually;
using test::fail_now;
using test::get;
using test::quiet;
using test::scaled;
using test::set;
using test::unheard_of;

TEST(Ask, ReturnsTheHandlersResultToAThread) {
  system sys;
  const auto c = sys.spawn<cell>();
  sys.ask(c, set{5});
  EXPECT_EQ(sys.ask(c, get{}), 5);
  EXPECT_EQ(sys.ask(c, std::string("ab")), "abab");
  std::error_code error = errc::timeout;
  const std::optional<int> n = sys.ask(c, get{}, 60s, error);
  EXPECT_FALSE(error);
  EXPECT_EQ(n, 5);
  const bool answered = sys.ask(c, set{6}, 60s, error);
  EXPECT_TRUE(answered);
}

TEST(Ask, ReturnsTheHandlersResultToABehavior) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    const auto c = sys.spawn<cell>();
    as_actor(sys, [c](context& self) {
      self.ask(c, set{5});
      EXPECT_EQ(self.ask(c, get{}), 5);
      EXPECT_EQ(self.ask(c, get{}, 60s), 5);
      EXPECT_EQ(self.ask<std::string>(any_ref(c), std::string("x")), "xx");
      std::error_code error = errc::timeout;
      EXPECT_EQ(self.ask(c, get{}, 60s, error), 5);
      EXPECT_FALSE(error);
    });
  }
}

TEST(Ask, OfAnActorWithoutAHandlerForItIsNoHandler) {
  system sys;
  const auto c = sys.spawn<cell>();
  as_actor(sys, [c](context& self) {
    const any_ref any = c;
    EXPECT_EQ(error_of([&] { self.ask<int>(any, unheard_of{}); }), errc::no_handler);
    EXPECT_EQ(self.ask(c, get{}), 0) << "it lives on";
  });
  EXPECT_EQ(sys.dead_letter_count(), 1U);
  // A lie about the signatures.
  const auto lie = any_ref(c).as<actor_ref<int(unheard_of)>>();
  EXPECT_EQ(error_of([&] { sys.ask(lie, unheard_of{}); }), errc::no_handler);
}

TEST(Ask, ForAnotherTypeThanTheAnswersIsNoAnswer) {
  system sys;
  const auto c = sys.spawn<cell>();
  as_actor(sys, [c](context& self) {
    const any_ref any = c;
    EXPECT_EQ(error_of([&] { self.ask<std::string>(any, get{}); }), errc::no_answer);
    EXPECT_EQ(error_of([&] { self.ask<int>(any, set{1}); }), errc::no_answer) << "answers void";
    EXPECT_EQ(self.ask<int>(any, get{}), 1);
  });
}

TEST(Ask, OfADynamicHandleHasEveryFormForThreadsAndBehaviors) {
  system sys;
  const any_ref c = sys.spawn<cell>();
  const auto check = [c](auto& asker) {
    asker.template ask<void>(c, set{5});
    EXPECT_EQ(asker.template ask<int>(c, get{}), 5);
    EXPECT_EQ(asker.template ask<int>(c, get{}, 60s), 5);
    std::error_code error = errc::timeout;
    EXPECT_EQ(asker.template ask<int>(c, get{}, 60s, error), 5);
    EXPECT_FALSE(error);
    EXPECT_TRUE(asker.template ask<void>(c, set{6}, 60s, error));
    EXPECT_EQ(asker.template ask<std::string>(c, get{}, 60s, error), std::nullopt);
    EXPECT_EQ(error, errc::no_answer);
    EXPECT_EQ(asker.template ask<int>(c, unheard_of{}, 60s, error), std::nullopt);
    EXPECT_EQ(error, errc::no_handler);
    EXPECT_EQ(error_of([&] { asker.template ask<std::string>(c, get{}); }), errc::no_answer);
    EXPECT_EQ(error_of([&] { asker.template ask<int>(c, unheard_of{}); }), errc::no_handler);
    EXPECT_THROW(asker.template ask<int>(any_ref(), get{}), std::logic_error);
  };
  check(sys);
  as_actor(sys, [&](context& self) { check(self); });
}

TEST(Ask, OfAHandlerThatThrowsIsActorFailed) {
  system sys(quiet());
  EXPECT_EQ(error_of([&] { sys.ask(sys.spawn<cell>(), fail_now{}); }), errc::actor_failed);
  as_actor(sys, [](context& self) {
    const auto c = self.spawn<cell>();
    EXPECT_EQ(error_of([&] { self.ask(c, fail_now{}); }), errc::actor_failed);
    EXPECT_EQ(error_of([&] { self.ask(c, get{}); }), errc::actor_down);
  });
  // Direct style.
  const auto d = sys.spawn<int(get)>(
      [](context& self) { self.receive([](get) -> int { throw std::runtime_error("direct"); }); });
  EXPECT_EQ(error_of([&] { sys.ask(d, get{}); }), errc::actor_failed);
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 0; }));
}

TEST(Ask, OfAnActorThatHasEndedIsActorDown) {
  system sys;
  const auto c = sys.spawn<cell>();
  any_ref(c).kill();
  sys.await_actors();
  EXPECT_EQ(error_of([&] { sys.ask(c, get{}); }), errc::actor_down);
  as_actor(sys, [c](context& self) {
    EXPECT_EQ(error_of([&] { self.ask(c, get{}); }), errc::actor_down);
    std::error_code error;
    EXPECT_EQ(self.ask(c, get{}, 60s, error), std::nullopt);
    EXPECT_EQ(error, errc::actor_down);
    EXPECT_FALSE(self.ask(c, set{1}, 60s, error));
    EXPECT_EQ(error, errc::actor_down);
  });
}

TEST(Ask, OfAnActorThatEndsBeforeItComesToTheRequestIsActorDown) {
  for (std::size_t i = 0; i < scaled(200); ++i) {
    system sys(quiet(1 + i % 3));
    std::atomic<bool> open{false};
    const auto d = sys.spawn<int(get)>([&](context& self) {
      while (!open) self.yield();
      if (i % 2 == 0) self.quit();
    });
    std::vector<std::jthread> askers;
    std::atomic<int> right{0};
    std::atomic<int> sent{0};
    for (int t = 0; t < 3; ++t) {
      askers.emplace_back([&] {
        ++sent;
        if (error_of([&] { sys.ask(d, get{}); }) == errc::actor_down) ++right;
      });
    }
    while (sent < 3) std::this_thread::yield();
    open = true;
    askers.clear();
    ASSERT_EQ(right, 3);
  }
}

TEST(Ask, OfAnActorThatIsKilledWhileItHandlesTheRequestIsActorDown) {
  struct sleeper : actor<int(get), void(set)> {
    int on(get) {
      self().sleep_for(1h);
      return 1;
    }
    void on(set) {
      self().receive([](unheard_of) {});
    }
  };
  system sys;
  for (int i = 0; i < 4; ++i) {
    const auto s = sys.spawn<sleeper>();
    const auto d = sys.spawn<int(get)>([](context& self) {
      self.receive([&](get) {
        self.sleep_for(1h);
        return 2;
      });
    });
    std::atomic<int> down{0};
    {
      std::jthread a([&] { down += error_of([&] { sys.ask(s, get{}); }) == errc::actor_down; });
      std::jthread b([&] { down += error_of([&] { sys.ask(d, get{}); }) == errc::actor_down; });
      std::this_thread::sleep_for(std::chrono::milliseconds(i));
      any_ref(s).kill();
      any_ref(d).kill();
    }
    EXPECT_EQ(down, 2) << "killed, not failed";
  }
}

TEST(Ask, OfAnActorWhoseSystemIsGoneIsActorDown) {
  actor_ref<int(get)> orphan;
  {
    system other;
    orphan = other.spawn<cell>();
  }
  system sys;
  EXPECT_EQ(error_of([&] { sys.ask(orphan, get{}); }), errc::actor_down);
  as_actor(sys, [&](context& self) {
    EXPECT_EQ(error_of([&] { self.ask(orphan, get{}); }), errc::actor_down);
  });
}

TEST(Ask, WorksAcrossSystems) {
  system a({.workers = 1});
  system b({.workers = 2});
  const auto in_a = a.spawn<cell>();
  EXPECT_EQ(b.ask(in_a, get{}), 0);
  as_actor(b, [in_a](context& self) {
    for (int i = 0; i < 200; ++i) {
      self.ask(in_a, set{i});
      EXPECT_EQ(self.ask(in_a, get{}, 60s), i);
    }
  });
}

TEST(Ask, OfOneselfIsRefused) {
  system sys;
  as_actor(sys, [](context& self) {
    const auto me = self.ref<int(get)>();
    EXPECT_EQ(error_of([&] { self.ask(me, get{}); }), errc::self_ask);
    std::error_code error;
    EXPECT_EQ(self.ask(me, get{}, 1s, error), std::nullopt);
    EXPECT_EQ(error, errc::self_ask);
  });
}

TEST(Ask, OfAnEarlierActorInTheSameMemoryIsActorDownNotSelfAsk) {
  int met = 0;
  system sys({.workers = 1});
  as_actor(sys, [&](context& self) {
    for (int i = 0; i < 100; ++i) {
      const any_ref old = self.spawn([](context&) {});
      while (old.alive()) self.yield();
      const any_ref successor = self.spawn([&, old](context& inner) {
        if ((inner.ref().id() & 0xffffffff) != (old.id() & 0xffffffff)) return;
        ++met;
        EXPECT_EQ(error_of([&] { inner.ask<int>(old, get{}); }), errc::actor_down);
      });
      while (successor.alive()) self.yield();
    }
  });
  EXPECT_GT(met, 0) << "no block was recycled at once: the test has lost its subject";
}

TEST(Ask, OfAnEmptyHandleIsALogicError) {
  system sys;
  EXPECT_THROW(sys.ask(actor_ref<int(get)>(), get{}), std::logic_error);
  as_actor(sys, [](context& self) {
    EXPECT_THROW(self.ask(actor_ref<int(get)>(), get{}), std::logic_error);
  });
}

TEST(Ask, TheThreadsFormIsRefusedInABehavior) {
  system sys;
  const auto c = sys.spawn<cell>();
  as_actor(sys, [&](context&) { EXPECT_THROW(sys.ask(c, get{}), std::logic_error); });
}

}  // namespace
}  // namespace troupe

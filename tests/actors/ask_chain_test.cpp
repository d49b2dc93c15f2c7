// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <actors/asking.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
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
using test::get;
using test::mute;
using test::quiet;
using test::scaled;
using test::unheard_of;

TEST(Ask, ChainsOfAnyLengthWork) {
  system sys({.workers = 2});
  auto next = sys.spawn<int(get)>([](context& self) {
    for (;;) self.receive([](get) { return 0; });
  });
  for (int i = 0; i < 200; ++i) {
    next = sys.spawn<int(get)>([next](context& self) {
      for (;;) self.receive([&](get) { return self.ask(next, get{}) + 1; });
    });
  }
  EXPECT_EQ(sys.ask(next, get{}), 200);
  EXPECT_EQ(sys.ask(next, get{}), 200);
}

TEST(Ask, ACycleEndsByItsTimeout) {
  system sys;
  struct partner : actor<void(any_ref), int(get)> {
    void on(any_ref r) { other = r.as<actor_ref<int(get)>>(); }
    int on(get) {
      std::error_code error;
      return self().ask(other, get{}, 5ms, error).value_or(-1);
    }
    actor_ref<int(get)> other;
  };
  const auto a = sys.spawn<partner>();
  const auto b = sys.spawn<partner>();
  a.send(any_ref(b));
  b.send(any_ref(a));
  EXPECT_EQ(sys.ask(a, get{}), -1);
}

/// Asks in a handler; messages that come meanwhile wait, in order.
struct asking : actor<void(int), int(get), std::vector<int>(unheard_of)> {
  explicit asking(actor_ref<int(get)> to) : other(to) {}
  void on(int i) {
    EXPECT_FALSE(busy) << "re-entered";
    busy = true;
    seen.push_back(i);
    self().ask(other, get{});
    busy = false;
  }
  int on(get) const { return static_cast<int>(seen.size()); }
  std::vector<int> on(unheard_of) { return seen; }
  actor_ref<int(get)> other;
  std::vector<int> seen;
  bool busy = false;
};

TEST(Ask, InAHandlerDoesNotLetOtherMessagesIn) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    const auto c = sys.spawn<cell>();
    const auto a = sys.spawn<asking>(c);
    const int n = static_cast<int>(scaled(5000));
    for (int i = 0; i < n; ++i) a.send(i);
    const std::vector<int> seen = sys.ask(a, unheard_of{});
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) ASSERT_EQ(seen[static_cast<std::size_t>(i)], i);
  }
}

TEST(Ask, FromManyActorsAndThreadsGivesEachItsOwnAnswer) {
  struct echo : actor<int(int)> {
    int on(int i) { return i; }
  };
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    std::vector<ref_of<echo>> echoes;
    for (int i = 0; i < 3; ++i) echoes.push_back(sys.spawn<echo>());
    std::atomic<long> right{0};
    const int each = static_cast<int>(scaled(2000));
    constexpr int actors = 10;
    constexpr int threads = 3;
    for (int a = 0; a < actors; ++a) {
      sys.spawn([&, a](context& self) {
        for (int i = 0; i < each; ++i) {
          right += self.ask(echoes[static_cast<std::size_t>(i + a) % 3], i * actors + a) ==
                   i * actors + a;
        }
      });
    }
    {
      std::vector<std::jthread> askers;
      for (int t = 0; t < threads; ++t) {
        askers.emplace_back([&, t] {
          for (int i = 0; i < each / 10; ++i) {
            right += sys.ask(echoes[static_cast<std::size_t>(i) % 3], i * 7 + t) == i * 7 + t;
          }
        });
      }
    }
    EXPECT_TRUE(eventually([&] { return sys.actor_count() == 3; }));
    EXPECT_EQ(right, static_cast<long>(actors) * each + static_cast<long>(threads) * (each / 10));
    EXPECT_EQ(sys.dead_letter_count(), 0U);
  }
}

TEST(Ask, MovesOnlyWhatItMustAndDestroysTheRest) {
  struct tracked {
    explicit tracked(std::atomic<int>& n) : alive(&n) { ++n; }
    tracked(tracked&& o) noexcept : alive(o.alive) { ++*alive; }
    ~tracked() { --*alive; }
    std::atomic<int>* alive;
  };
  struct giver : actor<tracked(tracked)> {
    tracked on(tracked t) { return t; }
  };
  std::atomic<int> alive{0};
  {
    system sys;
    const auto g = sys.spawn<giver>();
    for (int i = 0; i < 100; ++i) {
      const tracked back = sys.ask(g, tracked(alive));
      EXPECT_EQ(back.alive, &alive);
    }
    as_actor(sys, [&](context& self) {
      for (int i = 0; i < 100; ++i) self.ask(g, tracked(alive));
      std::error_code error;
      for (int i = 0; i < 20; ++i) self.ask(g, tracked(alive), 0ns, error);
    });
    EXPECT_TRUE(eventually([&] { return alive == 0; }));
  }
  EXPECT_EQ(alive, 0);
}

TEST(Ask, DuringAShutdownEndsWithAnError) {
  for (std::size_t i = 0; i < scaled(100); ++i) {
    system sys(quiet(1 + i % 2));
    const auto m = sys.spawn<int(get)>(mute);
    std::atomic<int> ended{0};
    {
      std::vector<std::jthread> askers;
      for (int t = 0; t < 2; ++t) {
        askers.emplace_back([&] {
          const std::error_code e = error_of([&] { sys.ask(m, get{}); });
          EXPECT_TRUE(e == errc::stopping || e == errc::actor_down) << e.message();
          ++ended;
        });
      }
      if (i % 3 != 0) std::this_thread::yield();
      EXPECT_TRUE(sys.shutdown(60s).clean());
    }
    EXPECT_EQ(ended, 2);
  }
}

}  // namespace
}  // namespace troupe

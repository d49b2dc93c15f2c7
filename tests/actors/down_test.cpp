// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <actors/downs.hpp>
#include <actors/quiet.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::count_downs;
using test::count_downs_from_one;
using test::eventually;
using test::get;
using test::go;
using test::quiet;
using test::scaled;

TEST(Monitor, BringsADownWithTheReasonOnce) {
  using kind = exit_reason::kind;
  for (const std::size_t workers : {1U, 2U}) {
    system sys(quiet(workers));
    sys.spawn([](context& self) {
      const auto expect = [&self](const any_ref& a, kind k) {
        self.monitor(a);
        a.send(go{});
        if (k == kind::killed) a.kill();
        self.receive([&](const down& d) {
          EXPECT_EQ(d.actor, a);
          EXPECT_EQ(d.reason.code(), k);
        });
        EXPECT_EQ(count_downs(self), 0);
      };
      const auto wait = [](context& inner) { inner.receive([](go) {}); };
      expect(self.spawn(wait), kind::normal);
      expect(self.spawn([=](context& inner) {
        wait(inner);
        throw std::runtime_error("x");
      }),
             kind::error);
      expect(self.spawn([](context& inner) { inner.sleep_for(1h); }), kind::killed);
    });
    sys.await_actors();
  }
}

struct watcher_actor : actor<void(any_ref), int(get)> {
  void on(any_ref r) { self().monitor(r); }
  void on(const down& d) {
    EXPECT_TRUE(d.actor);
    ++seen;
  }
  int on(get) const { return seen; }
  int seen = 0;
};

TEST(Monitor, BringsADownToAHandler) {
  std::vector<any_ref> all;
  system sys;
  const auto w = sys.spawn<watcher_actor>();
  for (int i = 0; i < 100; ++i) {
    all.push_back(sys.spawn([](context& self) { self.receive([](go) {}); }));
    w.send(all.back());
  }
  EXPECT_EQ(sys.ask(w, get{}), 0);
  for (const any_ref& a : all) a.send(go{});
  EXPECT_TRUE(eventually([&] { return sys.ask(w, get{}) == 100; }));
}

TEST(Monitor, OfAnActorThatHasEndedBringsADownAtOnce) {
  system sys(quiet());
  const any_ref dead = sys.spawn([](context&) {});
  sys.await_actors();
  sys.spawn([dead](context& self) {
    self.monitor(dead);
    self.receive([&](const down& d) {
      EXPECT_EQ(d.actor, dead);
      EXPECT_EQ(d.reason.code(), exit_reason::kind::unknown);
    });
    EXPECT_EQ(count_downs(self), 0);
  });
  sys.await_actors();
}

TEST(Monitor, OfAnActorWhoseSystemIsGoneBringsADownAtOnce) {
  any_ref orphan;
  {
    system other;
    orphan = other.spawn([](context& self) { self.receive([](go) {}); });
  }
  system sys;
  sys.spawn([orphan](context& self) {
    self.monitor(orphan);
    self.receive([&](const down& d) { EXPECT_EQ(d.actor, orphan); });
  });
  sys.await_actors();
}

TEST(Monitor, OfOneselfOrOfNobodyDoesNothingBad) {
  system sys;
  sys.spawn([](context& self) {
    self.monitor(self.ref());
    self.demonitor(self.ref());
    EXPECT_THROW(self.monitor(any_ref()), std::logic_error);
    EXPECT_THROW(self.demonitor(any_ref()), std::logic_error);
    EXPECT_EQ(count_downs(self), 0);
  });
  sys.await_actors();
}

TEST(Monitor, CalledTwiceCountsOnce) {
  system sys;
  sys.spawn([](context& self) {
    const any_ref a = self.spawn([](context& inner) { inner.receive([](go) {}); });
    for (int i = 0; i < 5; ++i) self.monitor(a);
    a.send(go{});
    EXPECT_EQ(count_downs_from_one(self), 1);
  });
  sys.await_actors();
}

/// An actor that has taken all news so far and then keeps its worker busy until `release`.
template <class Rest>
any_ref spawn_busy(context& self, std::atomic<bool>& busy, std::atomic<bool>& release, Rest rest) {
  return self.spawn([&, rest](context& inner) {
    inner.receive([](go) {});
    busy = true;
    while (!release) std::this_thread::yield();
    rest(inner);
  });
}

TEST(Monitor, CalledTwiceCountsOnceAlsoWhenTheSecondCallFindsTheActorBusyUntilItsEnd) {
  system sys(quiet(2));
  for (int i = 0; i < 2; ++i) {
    std::atomic<bool> busy{false};
    std::atomic<bool> release{false};
    sys.spawn([&](context& self) {
      const any_ref a = spawn_busy(self, busy, release, [i](context&) {
        if (i == 1) throw std::runtime_error("end");
      });
      self.monitor(a);
      a.send(go{});
      while (!busy) self.yield();
      self.monitor(a);
      release = true;
      EXPECT_EQ(count_downs_from_one(self), 1);
    });
    sys.await_actors();
  }
}

// Enough for it to keep more than a list.
TEST(Monitor, OfManyWatchersTellsEachOnceAndThoseNotThatHaveTakenItBack) {
  system sys({.workers = 2});
  constexpr int watchers = 300;
  struct ready {};
  const any_ref watched = sys.spawn([](context& self) { self.receive([](go) {}); });
  std::atomic<int> told{0};
  sys.spawn([&](context& self) {
    const any_ref boss = self.ref();
    for (int i = 0; i < watchers; ++i) {
      self.spawn([&, boss, i](context& inner) {
        inner.monitor(watched);
        if (i % 5 == 0) inner.demonitor(watched);
        inner.monitor(watched);
        inner.monitor(watched);
        if (i % 3 == 0) inner.demonitor(watched);
        boss.send(ready{});
        while (inner.receive([&](const down& d) { told += d.actor == watched ? 1 : 1'000; },
                             after(watched.alive() ? 1h : 20ms))) {
        }
      });
    }
    for (int i = 0; i < watchers; ++i) self.receive([](ready) {});
    watched.send(go{});
    EXPECT_TRUE(eventually([&] { return !watched.alive(); }));
  });
  EXPECT_TRUE(eventually([&] { return told == watchers - watchers / 3; }));
  EXPECT_TRUE(sys.shutdown(1min).clean());
  EXPECT_EQ(told, watchers - watchers / 3);
}

TEST(Demonitor, TakesTheMonitorBack) {
  system sys(quiet(2));
  sys.spawn([](context& self) {
    const any_ref a = self.spawn([](context& inner) { inner.receive([](go) {}); });
    self.monitor(a);
    self.demonitor(a);
    a.send(go{});
    while (a.alive()) self.yield();
    EXPECT_EQ(count_downs(self), 0);
    self.demonitor(a);  // dead

    const any_ref b = self.spawn([](context& inner) { inner.receive([](go) {}); });
    self.monitor(b);
    self.demonitor(b);
    self.monitor(b);
    b.send(go{});
    EXPECT_EQ(count_downs_from_one(self), 1);
  });
  sys.await_actors();
  // Asked for while the actor is busy until its end.
  std::atomic<bool> busy{false};
  std::atomic<bool> release{false};
  sys.spawn([&](context& self) {
    const any_ref a = spawn_busy(self, busy, release, [](context&) {});
    self.monitor(a);
    a.send(go{});
    while (!busy) self.yield();
    self.demonitor(a);
    release = true;
    while (a.alive()) self.yield();
    EXPECT_EQ(count_downs(self), 0);
  });
  sys.await_actors();
}

TEST(Demonitor, OfOneWatcherLeavesTheOthers) {
  system sys;
  const any_ref a = sys.spawn([](context& self) { self.receive([](go) {}); });
  std::atomic<int> downs{0};
  std::atomic<int> ready{0};
  for (int i = 0; i < 6; ++i) {
    sys.spawn([&, i](context& self) {
      self.monitor(a);
      if (i % 2 == 0) self.demonitor(a);
      ++ready;
      self.receive([&](const down&) { ++downs; }, [](go) {}, after(i % 2 == 0 ? 30ms : 60s));
    });
  }
  EXPECT_TRUE(eventually([&] { return ready == 6; }));
  a.send(go{});
  sys.await_actors();
  EXPECT_EQ(downs, 3);
}

TEST(Monitor, WorksAcrossSystems) {
  system a(quiet(1));
  system b(quiet(1));
  for (std::size_t i = 0; i < scaled(100); ++i) {
    const any_ref target = a.spawn([](context& self) { self.receive([](go) {}); });
    b.spawn([target](context& self) {
      self.monitor(target);
      target.send(go{});
      EXPECT_EQ(count_downs_from_one(self), 1);
    });
    if (i % 10 == 0) b.await_actors();
  }
  b.await_actors();
}

TEST(Monitor, TellsOfAShutdown) {
  system a(quiet(1));
  system b(quiet(1));
  const any_ref target = a.spawn([](context& self) { self.sleep_for(1h); });
  std::atomic<bool> monitoring{false};
  std::atomic<bool> told{false};
  b.spawn([&](context& self) {
    self.monitor(target);
    monitoring = true;
    self.receive([&](const down& d) { told = d.reason.code() == exit_reason::kind::shutdown; });
  });
  EXPECT_TRUE(eventually([&] { return monitoring.load(); }));
  EXPECT_TRUE(a.shutdown(60s).clean());
  b.await_actors();
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace troupe

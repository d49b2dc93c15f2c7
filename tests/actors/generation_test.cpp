// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Handles name one life of recycled memory: what is sent through an old handle never reaches the
// actor that has the memory now.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::random_choices;
using test::scaled;

/// Carries the id of the actor that it is meant for.
struct addressed {
  std::uint64_t id;
};
struct get {};

struct tally {
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> astray{0};
};

/// Ends after a few messages; counts those that were meant for another.
struct short_lived : actor<void(addressed)> {
  short_lived(tally& t, std::uint64_t l) : counts(&t), life(l) {}
  void on(addressed m) {
    ++counts->handled;
    if (m.id != self().ref().id()) ++counts->astray;
    if (--life == 0) self().quit();
  }
  tally* counts;
  std::uint64_t life;
};

void short_lived_body(context& self, tally& counts, std::uint64_t life) {
  for (; life > 0; --life) {
    self.receive([&](addressed m) {
      ++counts.handled;
      if (m.id != self.ref().id()) ++counts.astray;
    });
  }
}

any_ref spawn_short_lived(system& sys, tally& counts, random_choices& random) {
  const std::uint64_t life = 1 + random.up_to(5);
  if (random.one_in(2)) return sys.spawn<short_lived>(counts, life);
  return sys.spawn([&counts, life](context& self) { short_lived_body(self, counts, life); });
}

/// Handles, most of them of actors that have ended; any thread.
class handle_pool {
 public:
  explicit handle_pool(std::size_t n) : handles_(n) {}
  void put(std::size_t at, const any_ref& r) {
    const std::scoped_lock hold(mutex_);
    handles_[at % handles_.size()] = r;
  }
  any_ref get(std::size_t at) {
    const std::scoped_lock hold(mutex_);
    return handles_[at % handles_.size()];
  }

 private:
  std::mutex mutex_;
  std::vector<any_ref> handles_;
};

TEST(Generation, StaleSendsFromSeveralThreadsNeverReachTheSuccessor) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    tally counts;
    system sys({.workers = workers});
    handle_pool pool(64);
    {
      std::vector<std::jthread> threads;
      for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
          random_choices random(t);
          for (std::size_t i = 0; i < scaled(30'000); ++i) {
            if (random.one_in(8))
              pool.put(random.up_to(63), spawn_short_lived(sys, counts, random));
            const any_ref to = pool.get(random.up_to(63));
            if (!to) continue;
            to.send(addressed{to.id()});
            ++counts.sent;
            if (random.one_in(1000)) to.kill();
          }
        });
      }
    }
    EXPECT_TRUE(sys.shutdown(60s).clean());
    EXPECT_TRUE(
        eventually([&] { return counts.handled + sys.dead_letter_count() >= counts.sent; }));
    EXPECT_EQ(counts.astray, 0U) << test::seed_message();
    EXPECT_EQ(counts.handled + sys.dead_letter_count(), counts.sent) << test::seed_message();
    EXPECT_GT(sys.dead_letter_count(), 0U);
    EXPECT_GT(counts.handled, 0U);
  }
}

TEST(Generation, StaleSendsFromActorsNeverReachTheSuccessor) {
  tally counts;
  system sys({.workers = 2});
  handle_pool pool(32);
  std::atomic<std::size_t> at_work{8};
  for (std::size_t a = 0; a < 8; ++a) {
    sys.spawn([&, a](context& self) {
      random_choices random(a);
      for (std::size_t i = 0; i < scaled(20'000); ++i) {
        if (random.one_in(8)) {
          pool.put(random.up_to(31), spawn_short_lived(self.home(), counts, random));
        }
        const any_ref to = pool.get(random.up_to(31));
        if (!to) continue;
        if (random.one_in(10)) {
          self.send_after(std::chrono::microseconds(random.up_to(2000)), to, addressed{to.id()});
        } else {
          to.send(addressed{to.id()});
        }
        ++counts.sent;
        if (random.one_in(50)) self.yield();
      }
      --at_work;
    });
  }
  ASSERT_TRUE(eventually([&] { return at_work == 0; }));
  // Delayed messages come by themselves. Then nothing is under way, and who still waits may be told
  // to end.
  EXPECT_TRUE(eventually([&] { return counts.handled + sys.dead_letter_count() >= counts.sent; }));
  EXPECT_TRUE(sys.shutdown(60s).clean());
  EXPECT_EQ(counts.astray, 0U) << test::seed_message();
  EXPECT_EQ(counts.handled + sys.dead_letter_count(), counts.sent) << test::seed_message();
  EXPECT_GT(sys.dead_letter_count(), 0U);
  EXPECT_GT(counts.handled, 0U);
}

TEST(Generation, AnIdIsNeverUsedTwice) {
  system sys({.workers = 1});
  std::set<std::uint64_t> ids;
  std::set<std::uint64_t> slots;
  constexpr std::size_t n = 2000;
  for (std::size_t i = 0; i < n; ++i) {
    const any_ref r = sys.spawn([](context&) {});
    ids.insert(r.id());
    slots.insert(r.id() & 0xffffffff);
    if (i % 10 == 0) sys.await_actors();
  }
  EXPECT_EQ(ids.size(), n);
  EXPECT_LT(slots.size(), n / 2) << "memory is not recycled: the test has lost its subject";
}

TEST(Generation, AnOldHandleKillsAndMonitorsNobodyElse) {
  system sys({.workers = 1});
  int recycled = 0;
  sys.spawn([&](context& self) {
    for (int i = 0; i < 200; ++i) {
      const any_ref old = self.spawn([](context&) {});
      while (old.alive()) self.yield();
      const any_ref now = self.spawn([](context& inner) { inner.receive([](get) {}); });
      recycled += (now.id() & 0xffffffff) == (old.id() & 0xffffffff);
      EXPECT_NE(old, now);
      EXPECT_NE(old.id(), now.id());
      old.kill();
      old.send(get{});
      self.yield();
      EXPECT_TRUE(now.alive());
      now.send(get{});
      while (now.alive()) self.yield();
    }
  });
  sys.await_actors();
  EXPECT_EQ(sys.dead_letter_count(), 200U);
  EXPECT_GT(recycled, 0) << "no block was recycled at once: the test has lost its subject";
}

TEST(Generation, HandlesMayOutliveTheirSystem) {
  any_ref direct;
  any_ref ended;
  actor_ref<void(addressed)> handler;
  tally counts;
  {
    system sys;
    direct = sys.spawn([](context& self) { self.receive([](get) {}); });
    handler = sys.spawn<short_lived>(counts, 1000U);
    ended = sys.spawn([](context&) {});
  }
  const auto token = std::make_shared<int>();
  for (int i = 0; i < 100; ++i) {
    for (const any_ref& r : {direct, any_ref(handler), ended}) {
      EXPECT_FALSE(r.alive());
      r.send(token);
      r.send(addressed{r.id()});
      r.kill();
      EXPECT_TRUE(r);
      EXPECT_NE(r.id(), 0U);
    }
  }
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(counts.handled, 0U);
  // And with another system on the same memory.
  system next;
  std::vector<any_ref> now;
  for (int i = 0; i < 200; ++i) {
    now.push_back(next.spawn([](context& self) { self.receive([](get) {}); }));
  }
  for (const any_ref& r : {direct, any_ref(handler), ended}) {
    r.send(get{});
    r.kill();
  }
  for (const any_ref& r : now) EXPECT_TRUE(r.alive());
}

// Senders that do not know when the system they send to goes away: threads, and actors of another
// system.
struct strangers {
  handle_pool pool{16};
  std::shared_ptr<int> token = std::make_shared<int>();
  std::atomic<bool> stop{false};

  any_ref any(random_choices& random) { return pool.get(random.up_to(15)); }

  void bother(random_choices& random) {
    const any_ref to = any(random);
    if (!to) return;
    switch (random.up_to(3)) {
      case 0:
        to.kill();
        break;
      case 1:
        to.send(token);
        break;
      default:
        to.send(addressed{to.id()});
    }
  }

  void from_a_thread(std::size_t number) {
    random_choices random(number);
    while (!stop) {
      bother(random);
      // A flood would fill the mailboxes faster than one worker can empty them.
      if (random.one_in(16)) std::this_thread::sleep_for(10us);
    }
  }

  void from_an_actor(context& self) {
    random_choices random(50);
    while (!stop) {
      bother(random);
      if (const any_ref to = any(random)) {
        self.send_after(std::chrono::microseconds(random.up_to(3000)), to, addressed{to.id()});
        self.monitor(to);
        std::error_code error;
        const auto asked = to.as<actor_ref<int(get)>>();
        self.ask(asked, get{}, 1ms, error);
      }
      while (self.receive([](const down&) {}, after(0ns))) {
      }
    }
  }
};

TEST(Generation, SystemsMayEndWhileOthersSendToThem) {
  system other({.workers = 1});
  strangers all;
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 3; ++t) threads.emplace_back([&, t] { all.from_a_thread(t); });
  other.spawn([&](context& self) { all.from_an_actor(self); });
  tally counts;
  random_choices random(60);
  for (std::size_t round = 0; round < scaled(300); ++round) {
    system sys({.workers = 1 + round % 2});
    for (std::size_t i = 0; i < 16; ++i) {
      all.pool.put(i, random.one_in(2) ? sys.spawn<short_lived>(counts, 1000U)
                                       : sys.spawn([&](context& self) {
                                           short_lived_body(self, counts, 1000);
                                         }));
    }
    if (random.one_in(2)) std::this_thread::sleep_for(std::chrono::microseconds(random.up_to(500)));
  }
  all.stop = true;
  threads.clear();
  other.await_actors();
  EXPECT_EQ(counts.astray, 0U) << test::seed_message();
  // A message that is still queued somewhere for ever would hold on to the token. Delayed messages
  // are `addressed`, so nothing else does.
  EXPECT_TRUE(eventually([&] { return all.token.use_count() == 1; }));
}

}  // namespace
}  // namespace troupe

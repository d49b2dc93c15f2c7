// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <io/descriptors.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using io::timeout_id;
using test::in_actor;

TEST(Timeout, ComesOnceAndNeverEarly) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    for (const auto wait : {0us, 1us, 700us, 3000us, 20'000us}) {
      for (std::size_t worker = 0; worker < 2; ++worker) {
        const auto id = timeout_id::make();
        const auto due = clock::now() + wait;
        sys.reactor(worker).send(io::set_timeout{id, due, self.ref()});
        self.receive([&](io::timeout m) { EXPECT_EQ(m.id, id); });
        EXPECT_GE(clock::now(), due);
      }
    }
    EXPECT_FALSE(self.receive([](io::timeout) {}, after(5ms)));
  });
}

TEST(Timeout, TakesMomentsAndTimesFromNow) {
  EXPECT_EQ(io::deadline(clock::time_point::max()).ns(), UINT64_MAX);
  EXPECT_EQ(io::deadline(std::chrono::nanoseconds::max()).ns(), UINT64_MAX);
  EXPECT_EQ(io::deadline(clock::time_point(-5ns)).ns(), 0U);
  EXPECT_EQ(io::deadline(clock::time_point(7ns)).ns(), 7U);
  EXPECT_EQ(io::deadline(std::chrono::hours::max()).ns(), UINT64_MAX);  // beyond nanoseconds
  EXPECT_EQ(io::deadline(std::chrono::seconds::max()).ns(), UINT64_MAX);
  const std::uint64_t long_over = io::deadline(std::chrono::hours::min()).ns();
  EXPECT_LE(long_over, io::deadline(0ns).ns());
  const std::uint64_t over = io::deadline(-1h).ns();
  EXPECT_LE(over, io::deadline(0ns).ns());
  EXPECT_LT(over, io::deadline(1h).ns());
}

TEST(Timeout, ACancelledOneDoesNotCome) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    for (std::size_t worker = 0; worker < 2; ++worker) {
      const io::reactor_ref reactor = sys.reactor(worker);
      const auto id = timeout_id::make();
      reactor.send(io::set_timeout{id, 5ms, self.ref()});
      reactor.send(io::cancel_timeout{id});
      reactor.send(io::cancel_timeout{id});
      EXPECT_FALSE(self.receive([](io::timeout) {}, after(15ms)));
      EXPECT_TRUE(test::eventually([&] {
        const auto now = reactor.statistics();
        return now.unknown == 1 && now.timeouts == 0;
      }));
    }
  });
}

TEST(Timeout, SettingItAgainMovesIt) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const auto id = timeout_id::make();
    self.reactor().send(io::set_timeout{id, 1h, self.ref()});
    self.reactor().send(io::set_timeout{id, 1ms, self.ref()});
    self.receive([&](io::timeout m) { EXPECT_EQ(m.id, id); });
    EXPECT_EQ(self.reactor().statistics().timeouts, 0U);
    self.reactor().send(io::set_timeout{id, 1ms, self.ref()});  // free again
    self.receive([&](io::timeout m) { EXPECT_EQ(m.id, id); });
  });
}

TEST(Timeout, RefusesMistakesBeforeTheyTravel) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    EXPECT_THROW(self.reactor().send(io::set_timeout{{}, 0ns, self.ref()}), std::logic_error);
    EXPECT_THROW(self.reactor().send(io::set_timeout{timeout_id::make(), 0ns, {}}),
                 std::logic_error);
    EXPECT_THROW(self.reactor().send(io::cancel_timeout{}), std::logic_error);
  });
}

TEST(Timeout, ForAnActorThatHasEndedGoesNowhere) {
  troupe::system sys({.workers = 1});
  const auto owner = sys.spawn([](context&) {});
  sys.await_actors();
  sys.reactor(0).send(io::set_timeout{timeout_id::make(), 1h, owner});
  ASSERT_TRUE(test::eventually([&] { return sys.reactor(0).statistics().requests == 1; }));
  EXPECT_EQ(sys.reactor(0).statistics().timeouts, 0U);
  EXPECT_EQ(sys.dead_letter_count(), 0U);
}

TEST(Timeout, IsGivenUpWhenItsActorEnds) {
  troupe::system sys({.workers = 2});
  constexpr std::size_t each = 300;  // more than one look of a reactor gives up
  const auto bystander = sys.spawn([](context& self) { self.receive([](int) {}); });
  sys.reactor(0).send(io::set_timeout{timeout_id::make(), 1h, bystander});
  in_actor(sys, [&](context& self) {
    for (std::size_t i = 0; i < 2 * each; ++i) {
      const io::deadline at = i % 3 == 0 ? io::deadline() : io::deadline(1h);
      sys.reactor(i % 2).send(io::set_timeout{timeout_id::make(), at, self.ref()});
    }
    while (sys.reactor(0).statistics().timeouts != each + 1 ||
           sys.reactor(1).statistics().timeouts != each) {
      self.sleep_for(1ms);
    }
  });
  ASSERT_TRUE(test::eventually([&] {
    return sys.reactor(0).statistics().timeouts == 1 && sys.reactor(1).statistics().timeouts == 0;
  }));
  EXPECT_EQ(sys.dead_letter_count(), 0U);
  bystander.send(1);
  ASSERT_TRUE(test::eventually([&] { return sys.reactor(0).statistics().timeouts == 0; }));
}

TEST(Timeout, OfActorsThatComeAndGoLeaveNothingBehind) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2});
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      test::random_choices random(t);
      for (std::size_t i = 0; i < test::scaled(3000); ++i) {
        const auto owner = sys.spawn([](context&) {});
        for (std::uint64_t n = random.up_to(3); n > 0; --n) {
          const auto id = timeout_id::make();
          const io::reactor_ref reactor = sys.reactor(random.up_to(1));
          reactor.send(io::set_timeout{id, 1h, owner});
          if (random.one_in(4)) reactor.send(io::set_timeout{id, 2h, owner});
          if (random.one_in(4)) reactor.send(io::cancel_timeout{id});
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  sys.await_actors();
  EXPECT_TRUE(test::eventually([&] {
    return sys.reactor(0).statistics().timeouts + sys.reactor(1).statistics().timeouts == 0;
  }));
}

TEST(Timeout, AndReadinessComeBothWhicheverIsQueuedFirst) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::descriptor event = test::make_eventfd(1);
    const auto time = timeout_id::make();
    const auto id = test::watch(reactor, event, io::interest::readable, self.ref());
    reactor.send(io::set_timeout{time, 1ms, self.ref()});
    // Both wait in the mailbox before either is looked at.
    self.sleep_for(10ms);
    int ready = 0;
    int timeouts = 0;
    while (ready + timeouts < 2) {
      self.receive([&](io::socket_ready m) { ready += m.id == id ? 1 : 100; },
                   [&](io::timeout m) { timeouts += m.id == time ? 1 : 100; });
    }
    EXPECT_EQ(ready, 1);
    EXPECT_EQ(timeouts, 1);
  });
}

TEST(Timeout, OutlivesTheSocketItIsAbout) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::descriptor event = test::make_eventfd(0);
    const auto time = timeout_id::make();
    reactor.send(io::set_timeout{time, 10ms, self.ref()});
    const auto id = test::watch(reactor, event, io::interest::readable, self.ref());
    reactor.send(io::close_socket{id});
    EXPECT_EQ(test::await_closed(self, id), std::error_code());
    self.receive([&](io::timeout m) { EXPECT_EQ(m.id, time); });
  });
}

TEST(Timeout, CancellingThatRacesWithFiringLosesAndDoublesNothing) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2});
  const std::size_t count = test::scaled(20'000);
  in_actor(sys, [&](context& self) {
    std::vector<timeout_id> ids(count);
    std::unordered_map<std::uint64_t, int> fired;
    std::vector<char> is_cancelled(count);  // the canceller's until it is joined
    for (timeout_id& id : ids) id = timeout_id::make();
    const any_ref me = self.ref();
    std::thread canceller;
    std::atomic<std::size_t> set{0};
    canceller = std::thread([&] {
      test::random_choices random(1);
      for (std::size_t i = 0; i < count; ++i) {
        while (set <= i) std::this_thread::yield();
        if (!random.one_in(2)) continue;
        is_cancelled[i] = 1;
        sys.reactor(i % 2).send(io::cancel_timeout{ids[i]});
      }
    });
    test::random_choices random(2);
    for (std::size_t i = 0; i < count; ++i) {
      const std::chrono::microseconds wait(random.up_to(2000));
      sys.reactor(i % 2).send(io::set_timeout{ids[i], wait, me});
      ++set;
      if (random.one_in(64)) self.yield();
    }
    while (self.receive([&](io::timeout m) { ++fired[m.id.number()]; }, after(20ms))) {
    }
    canceller.join();
    const auto pending = [&] {
      return sys.reactor(0).statistics().timeouts + sys.reactor(1).statistics().timeouts;
    };
    while (pending() != 0) self.sleep_for(1ms);
    while (self.receive([&](io::timeout m) { ++fired[m.id.number()]; }, after(5ms))) {
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (is_cancelled[i] == 0) {
        EXPECT_EQ(fired.count(ids[i].number()), 1U) << i;
      }
    }
    for (const auto& [id, times] : fired) EXPECT_EQ(times, 1) << id;
  });
}

TEST(Timeout, ManyWaitAtATimeAndNoneIsEarly) {
  troupe::system sys({.workers = 2});
  const std::size_t count = test::scaled(200'000);
  struct known {
    clock::time_point due;
    bool is_cancelled;
  };
  in_actor(sys, [&](context& self) {
    std::vector<timeout_id> ids(count);
    std::unordered_map<std::uint64_t, known> all;
    std::size_t left = 0;
    const clock::time_point first = clock::now() + 50ms;
    for (std::size_t i = 0; i < count; ++i) {
      ids[i] = timeout_id::make();
      const known one{first + std::chrono::microseconds(i % 5000), i % 10 == 0};
      all.emplace(ids[i].number(), one);
      sys.reactor(i % 2).send(io::set_timeout{ids[i], one.due, self.ref()});
      left += one.is_cancelled ? 0 : 1;
    }
    for (std::size_t i = 0; i < count; i += 10) sys.reactor(i % 2).send(io::cancel_timeout{ids[i]});
    const auto note = [&](io::timeout m) {
      const auto now = clock::now();
      const known& which = all.at(m.id.number());
      EXPECT_GE(now, which.due) << "early";
      if (!which.is_cancelled) --left;
    };
    while (left > 0 && self.receive(note, after(1min))) {
    }
    EXPECT_EQ(left, 0U);
  });
}

}  // namespace
}  // namespace troupe

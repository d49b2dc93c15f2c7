// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Registrations whose owner, or whose reactor, ends.

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <io/descriptors.hpp>
#include <io/in_actor.hpp>
#include <io/peer.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::interest;
using test::in_actor;
using test::watch;

bool peer_is_closed(const test::descriptor& peer) {
  char byte;
  return ::read(peer.get(), &byte, 1) == 0;
}

TEST(RegistrationEnd, AnOwnersEndClosesItsDescriptorsAtOnce) {
  troupe::system sys({.workers = 2});
  constexpr std::size_t each = 300;  // more than one look of a reactor closes
  std::vector<test::socket_pair> pairs(2 * each);
  const auto bystander = sys.spawn([](context& self) { self.receive([](int) {}); });
  test::socket_pair kept;
  watch(sys.reactor(0), kept.near, interest::readable, bystander);
  in_actor(sys, [&](context& self) {
    for (std::size_t i = 0; i < pairs.size(); ++i)
      watch(sys.reactor(i % 2), pairs[i].near, interest::readable, self.ref());
  });
  for (const test::socket_pair& pair : pairs)
    ASSERT_TRUE(test::eventually([&] { return peer_is_closed(pair.far); }));
  ASSERT_TRUE(test::eventually([&] {
    return sys.reactor(0).statistics().orphans == each &&
           sys.reactor(1).statistics().orphans == each && sys.reactor(0).statistics().sockets == 1;
  }));
  EXPECT_EQ(sys.reactor(0).statistics().requests, each + 1);  // an end is nobody's request
  EXPECT_FALSE(peer_is_closed(kept.far));
  bystander.send(1);
  ASSERT_TRUE(test::eventually([&] { return peer_is_closed(kept.far); }));
}

struct begin {};

/// Waits until the reactor has looked around twice from now on. On any thread.
void await_two_looks(io::reactor_ref reactor) {
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t before = reactor.statistics().requests;
    reactor.send(io::close_socket{io::socket_id::make()});  // of nothing
    while (reactor.statistics().requests == before) std::this_thread::yield();
  }
}

/// Says goodbye through descriptors that a reactor owns for it.
struct polite : actor<void(begin)> {
  polite(io::reactor_ref r, test::socket_pair& a, test::socket_pair& b)
      : reactor(r), early(a), late(b) {}
  ~polite() {
    // The reactor hears of an event for an actor that has ended, and of one more descriptor for it.
    test::write_byte(early.far.get());
    const int late_number = late.near.get();
    watch(reactor, late.near, interest::readable, me);
    await_two_looks(reactor);
    EXPECT_TRUE(test::is_open(early_number));
    EXPECT_TRUE(test::is_open(late_number));
    test::write_byte(early_number);
    test::write_byte(late_number);
  }
  void on(begin) {
    me = self().ref();
    early_number = early.near.get();
    watch(reactor, early.near, interest::readable, me);
    while (reactor.statistics().sockets == 0) self().yield();
    self().quit();
  }
  void on(io::socket_ready) {}
  io::reactor_ref reactor;
  test::socket_pair& early;
  test::socket_pair& late;
  int early_number = -1;
  io::receiver me;
};

TEST(RegistrationEnd, ADestructorStillHasItsDescriptors) {
  troupe::system sys({.workers = 1});
  for (int round = 0; round < 20; ++round) {
    troupe::system other({.workers = 1});  // its reactor looks around while the destructor runs
    test::socket_pair early;
    test::socket_pair late;
    sys.spawn<polite>(other.reactor(0), early, late).send(begin{});
    for (const test::socket_pair* pair : {&early, &late}) {
      char byte = 0;
      ASSERT_TRUE(test::eventually([&] { return ::read(pair->far.get(), &byte, 1) == 1; }));
      ASSERT_TRUE(test::eventually([&] { return peer_is_closed(pair->far); }));
    }
    sys.await_actors();
    EXPECT_TRUE(test::eventually([&] {
      const auto now = other.reactor(0).statistics();
      return now.orphans == 2 && now.sockets == 0;
    }));
  }
}

TEST(RegistrationEnd, ARequestForAnOwnerThatHasEndedClosesTheDescriptor) {
  troupe::system sys({.workers = 1});
  const auto owner = sys.spawn([](context&) {});
  sys.await_actors();
  test::socket_pair pair;
  watch(sys.reactor(0), pair.near, interest::readable, owner);
  ASSERT_TRUE(test::eventually([&] { return peer_is_closed(pair.far); }));
  EXPECT_EQ(sys.reactor(0).statistics().orphans, 1U);
}

TEST(RegistrationEnd, OwnersThatEndWhileTheyAreRegisteredForLeaveNothingOpen) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2});
  const std::size_t before = test::open_descriptors();
  const std::size_t rounds = test::scaled(3000);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      test::random_choices random(t);
      for (std::size_t i = 0; i < rounds; ++i) {
        const auto owner = sys.spawn([](context&) {});
        for (std::uint64_t n = random.up_to(3); n > 0; --n) {
          test::descriptor event = test::make_eventfd(random.one_in(2) ? 1 : 0);
          watch(sys.reactor(random.up_to(1)), event, interest::readable, owner);
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  sys.await_actors();
  EXPECT_TRUE(test::eventually([&] {
    return test::open_descriptors() <= before &&
           sys.reactor(0).statistics().sockets + sys.reactor(1).statistics().sockets == 0;
  }));
}

TEST(RegistrationEnd, AReactorThatEndsSaysSoToOwnersElsewhere) {
  troupe::system home({.workers = 1});
  in_actor(home, [&](context& self) {
    std::optional<troupe::system> other;
    other.emplace(system_options{.workers = 2});
    const io::reactor_ref reactor = other->reactor(1);
    test::socket_pair pair;
    const auto id = watch(reactor, pair.near, interest::readable, self.ref());
    reactor.send(io::set_timeout{io::timeout_id::make(), 1h, self.ref()});
    std::thread([&] { other.reset(); }).join();
    EXPECT_EQ(test::await_closed(self, id), errc::stopping);
    EXPECT_TRUE(peer_is_closed(pair.far));

    test::socket_pair late;  // the handle has outlived the system
    const auto late_id = watch(reactor, late.near, interest::readable, self.ref());
    EXPECT_EQ(test::await_closed(self, late_id), errc::stopping);
    EXPECT_TRUE(peer_is_closed(late.far));
    reactor.send(io::modify_socket{late_id, interest::readable});
    reactor.send(io::close_socket{late_id});
    reactor.send(io::set_timeout{io::timeout_id::make(), 0ns, self.ref()});
    EXPECT_FALSE(self.receive([](const any_message&) {}, after(5ms)));
    EXPECT_EQ(reactor.statistics().sockets, 0U);
  });
}

TEST(RegistrationEnd, AHandleToAReactorThatIsGoneDoesNotReachTheNextOne) {
  troupe::system home({.workers = 1});
  std::optional<troupe::system> other;
  other.emplace(system_options{.workers = 1});
  const io::reactor_ref stale = other->reactor(0);
  other.reset();
  other.emplace(system_options{.workers = 1});  // most likely in the same memory
  const io::reactor_ref next = other->reactor(0);
  EXPECT_NE(stale, next);
  in_actor(home, [&](context& self) {
    test::socket_pair pair;
    const auto id = watch(stale, pair.near, interest::readable, self.ref());
    EXPECT_EQ(test::await_closed(self, id), errc::stopping);
    EXPECT_TRUE(peer_is_closed(pair.far));
    stale.send(io::set_timeout{io::timeout_id::make(), 0ns, self.ref()});
    stale.send(io::close_socket{id});
    EXPECT_FALSE(self.receive([](const any_message&) {}, after(5ms)));
  });
  EXPECT_EQ(stale.statistics().requests, 0U);
  EXPECT_EQ(next.statistics().requests, 0U);
}

TEST(RegistrationEnd, AnIdInUseIsAnsweredOnceAlsoWhenTheReactorEnds) {
  troupe::system home({.workers = 1});
  for (int round = 0; round < 50; ++round) {
    in_actor(home, [&](context& self) {
      std::optional<troupe::system> other;
      other.emplace(system_options{.workers = 1});
      test::descriptor event = test::make_eventfd(0);
      const auto id = watch(other->reactor(0), event, interest::readable, self.ref());
      while (other->reactor(0).statistics().sockets == 0) self.yield();
      test::descriptor again = test::make_eventfd(0);
      const int number = again.release();
      other->reactor(0).send(io::register_socket{id, number, interest::readable, self.ref()});
      std::thread([&] { other.reset(); }).join();  // handled by then, or not
      EXPECT_EQ(test::await_closed(self, id), errc::stopping);
      EXPECT_FALSE(self.receive([](const io::socket_closed&) {}, after(0ns)));
      EXPECT_TRUE(test::is_closed(number));
    });
  }
}

/// Registers with reactors that come and go, until it is told to stop: each registration must be
/// answered by exactly one socket_closed.
TEST(RegistrationEnd, RequestsThatRaceWithTheEndOfTheReactorAreAnsweredExactlyOnce) {
  SCOPED_TRACE(test::seed_message());
  troupe::system home({.workers = 1});
  const std::size_t before = test::open_descriptors();
  const std::size_t rounds = test::scaled(150);
  for (std::size_t round = 0; round < rounds; ++round) {
    std::optional<troupe::system> other;
    other.emplace(system_options{.workers = 1});
    const io::reactor_ref reactor = other->reactor(0);
    std::atomic<std::size_t> sent{0};
    constexpr std::size_t requests = 60;
    const auto owner = home.spawn([&](context& self) {
      test::random_choices random(round);
      std::map<std::uint64_t, int> closed;
      for (std::size_t i = 0; i < requests; ++i) {
        test::descriptor event = test::make_eventfd(random.one_in(2) ? 1 : 0);
        const auto id = watch(reactor, event, interest::readable, self.ref());
        closed[id.number()] = 0;
        if (random.one_in(3)) reactor.send(io::close_socket{id});
        if (random.one_in(3)) reactor.send(io::modify_socket{id, interest::readable});
        ++sent;
      }
      for (std::size_t left = requests; left > 0;) {
        self.receive([&](const io::socket_closed& m) { ++closed[m.id.number()], --left; },
                     [](io::socket_ready) {});
      }
      for (const auto& [id, times] : closed) EXPECT_EQ(times, 1) << id;
      EXPECT_FALSE(self.receive([](const io::socket_closed&) {}, after(0ns)));
    });
    while (sent < round % requests) std::this_thread::yield();
    other.reset();
    ASSERT_TRUE(test::eventually([&] { return !owner.alive(); }));
  }
  EXPECT_TRUE(test::eventually([&] { return test::open_descriptors() <= before; }));
}

}  // namespace
}  // namespace troupe

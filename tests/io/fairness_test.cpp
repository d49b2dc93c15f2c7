// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Sockets and actors share a worker: neither keeps the other waiting.

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <io/descriptors.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using io::interest;

/// Owns descriptors that are always readable, and asks for more as soon as one has been reported.
/// Until `ready` have been.
void be_flooded(context& self, std::size_t descriptors, std::size_t ready,
                std::atomic<std::uint64_t>& reported) {
  const io::reactor_ref reactor = self.reactor();
  for (std::size_t i = 0; i < descriptors; ++i) {
    test::descriptor event = test::make_eventfd(1);
    test::watch(reactor, event, interest::readable, self.ref());
  }
  while (reported < ready) {
    self.receive([&](io::socket_ready m) {
      ++reported;
      reactor.send(io::modify_socket{m.id, interest::readable});
    });
  }
}

TEST(IoFairness, AFloodOfReadySocketsDoesNotStarveAnActorThatYields) {
  for (const std::size_t budget : {1U, 16U, 1024U}) {
    troupe::system sys({.workers = 1, .io = {.events_per_turn = budget}});
    std::atomic<std::uint64_t> reported{0};
    std::atomic<std::uint64_t> turns{0};
    const std::size_t ready = test::scaled(20'000);
    static_cast<void>(sys.spawn([&](context& self) {
      while (reported < ready) {
        ++turns;
        self.yield();
      }
    }));
    static_cast<void>(sys.spawn([&](context& self) { be_flooded(self, 200, ready, reported); }));
    sys.await_actors();
    // Between two looks at the sockets, everybody who is runnable has a turn.
    EXPECT_GE(turns, reported / budget) << "budget " << budget;
  }
}

// The worker never gets to park: when one has computed, the other one's time has come.
TEST(IoFairness, SleepersWhoseTimeHasAlwaysComeDoNotStarveSockets) {
  troupe::system sys({.workers = 1, .preempt = {.mode = preemption::off}});
  constexpr std::uint64_t many = 2'000;
  std::atomic<std::uint64_t> turns{0};
  std::atomic<bool> reported{false};
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(sys.spawn([&](context& self) {
      while (!reported && turns < many) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
        while (std::chrono::steady_clock::now() < end) {
        }
        ++turns;
        self.sleep_for(std::chrono::milliseconds(1));
      }
    }));
  }
  static_cast<void>(sys.spawn([&](context& self) {
    while (turns < 10) self.sleep_for(std::chrono::milliseconds(1));
    test::descriptor event = test::make_eventfd(1);
    test::watch(self.reactor(), event, interest::readable, self.ref());
    self.receive([](io::socket_ready) {});
    reported = true;
  }));
  sys.await_actors();
  EXPECT_LT(turns, many / 4);
}

// What is ready when a worker wakes up comes in portions, too.
TEST(IoFairness, AWorkerThatWakesUpHandlesOneBudgetBeforeActorsRun) {
  constexpr std::size_t budget = 16;
  constexpr std::size_t descriptors = 100;
  // So that a turn of the owner ends when it waits, and nowhere else.
  troupe::system sys({.workers = 1,
                      .messages_per_activation = 1'000'000,
                      .preempt = {.mode = preemption::off},
                      .io = {.events_per_turn = budget}});
  test::descriptor event = test::make_eventfd(0);
  const std::size_t rounds = test::scaled(50);
  std::atomic<std::size_t> armed{0};
  std::atomic<std::size_t> most{0};
  static_cast<void>(sys.spawn([&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    std::vector<io::socket_id> ids;
    for (std::size_t i = 0; i < descriptors; ++i) {  // all of them ready at one stroke
      test::descriptor another(::dup(event.get()));
      ids.push_back(test::watch(reactor, another, interest::readable, self.ref()));
    }
    for (std::size_t round = 1; round <= rounds; ++round) {
      while (reactor.statistics().requests < descriptors * round)
        self.sleep_for(std::chrono::milliseconds(1));
      armed = round;
      for (std::size_t left = descriptors; left > 0;) {
        self.receive([](io::socket_ready) {});
        std::size_t at_once = 1;
        while (self.receive([](io::socket_ready) {}, after(std::chrono::nanoseconds(0)))) ++at_once;
        left -= at_once;
        most = std::max(most.load(), at_once);
      }
      std::uint64_t number;
      EXPECT_EQ(::read(event.get(), &number, sizeof number), ssize_t{sizeof number});
      for (const io::socket_id id : ids) reactor.send(io::modify_socket{id, interest::readable});
    }
  }));
  for (std::size_t round = 1; round <= rounds; ++round) {
    ASSERT_TRUE(test::eventually([&] { return armed == round; }));
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(event.get(), &one, sizeof one), ssize_t{sizeof one});
  }
  sys.await_actors();
  EXPECT_LE(most, budget);
}

TEST(IoFairness, AStormOfMessagesDoesNotStarveASocket) {
  constexpr std::size_t pairs = 8;
  constexpr std::size_t messages_per_turn = 16;
  troupe::system sys({.workers = 1, .messages_per_activation = messages_per_turn});
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> caught{0};
  struct ball {};
  const auto player = [&](context& self) {
    while (!over) {
      self.receive([&](ball) {
        ++caught;
        self.sender().send(ball{});
      });
    }
  };
  std::vector<any_ref> players;
  for (std::size_t i = 0; i < pairs; ++i) players.push_back(sys.spawn(player));
  for (const any_ref& each : players) {
    static_cast<void>(sys.spawn([&, each](context& self) {
      for (int i = 0; i < 16; ++i) each.send(ball{});
      while (!over) {
        self.receive([&](ball) {
          ++caught;
          each.send(ball{});
        });
      }
    }));
  }
  const std::size_t rounds = test::scaled(500);
  std::uint64_t most = 0;
  test::in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::descriptor event = test::make_eventfd(1);
    std::uint64_t before = caught;
    const auto id = test::watch(reactor, event, interest::readable, self.ref());
    for (std::size_t i = 0; i < rounds; ++i) {
      static_cast<void>(test::await_ready(self, id));
      const std::uint64_t now = caught;
      most = std::max(most, now - before);
      before = now;
      reactor.send(io::modify_socket{id, interest::readable});
    }
    over = true;
  });
  for (const any_ref& each : players) each.kill();
  static_cast<void>(sys.shutdown(std::chrono::minutes(1)));
  // One look takes the request, the next one finds the socket, then it is the owner's turn.
  constexpr std::uint64_t turns_between_looks = 61;
  constexpr std::uint64_t turns = 2 * turns_between_looks + 2 * pairs;
  EXPECT_LE(most, turns * messages_per_turn);
}

TEST(IoFairness, TheBudgetIsChecked) {
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{1025}, SIZE_MAX}) {
    try {
      troupe::system sys({.workers = 1, .io = {.events_per_turn = wrong}});
      ADD_FAILURE() << wrong;
    } catch (const std::invalid_argument& e) {
      const std::string text = e.what();
      EXPECT_NE(text.find("io.events_per_turn = " + std::to_string(wrong)), std::string::npos)
          << text;
    }
  }
}

}  // namespace
}  // namespace troupe

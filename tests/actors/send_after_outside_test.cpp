// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Delayed messages from threads and jobs.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;
using test::random_choices;
using test::scaled;

struct due {
  steady_clock::time_point not_before;
};
struct tagged {
  std::size_t n;
};
struct get {};

/// Checks that nothing comes early, and counts by number what comes.
struct arrivals : actor<void(due), void(tagged), std::size_t(get)> {
  explicit arrivals(std::vector<std::atomic<int>>& c) : counts(&c) {}
  void on(due d) {
    EXPECT_GE(steady_clock::now(), d.not_before) << test::seed_message();
    EXPECT_FALSE(self().sender()) << "no actor sent it";
    ++total;
  }
  void on(tagged t) {
    ++(*counts)[t.n];
    ++total;
  }
  std::size_t on(get) const { return total; }
  std::vector<std::atomic<int>>* counts;
  std::size_t total = 0;
};

TEST(SendAfterFromOutside, DeliversNeverEarly) {
  std::vector<std::atomic<int>> none;
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    const auto sink = sys.spawn<arrivals>(none);
    const std::size_t each = scaled(500);
    const auto send_all = [&](std::uint64_t stream) {
      random_choices random(stream);
      for (std::size_t i = 0; i < each; ++i) {
        const auto wait = std::chrono::nanoseconds(random.up_to(10'000'000));
        sys.send_after(wait, sink, due{steady_clock::now() + wait});
      }
    };
    counter done;
    {
      const std::jthread a([&] { send_all(0); });
      const std::jthread b([&] { send_all(1); });
      sys.run([&] { send_all(2); }, done);
    }
    done.wait();
    EXPECT_TRUE(eventually([&] { return sys.ask(sink, get{}) == 3 * each; }));
  }
}

TEST(SendAfterFromOutside, ReachesAnIdleSystemWithoutFurtherMessages) {
  std::vector<std::atomic<int>> counts(1);
  system sys({.workers = 2});
  const auto sink = sys.spawn<arrivals>(counts);
  for (int i = 1; i <= 10; ++i) {
    sys.send_after(std::chrono::milliseconds(i % 3), any_ref(sink), tagged{0});
    EXPECT_TRUE(eventually([&] { return counts[0] == i; }));
  }
}

TEST(SendAfterFromOutside, CancelIsExact) {
  for (std::size_t round = 0; round < scaled(20); ++round) {
    system sys({.workers = 1 + round % 2});
    constexpr std::size_t n = 1000;
    std::vector<std::atomic<int>> counts(n);
    const auto sink = sys.spawn<arrivals>(counts);
    std::vector<timer> timers(n);
    std::vector<int> cancelled(n);
    random_choices random(round);
    for (std::size_t i = 0; i < n; ++i) {
      timers[i] = sys.send_after(std::chrono::microseconds(random.up_to(2000)), sink, tagged{i});
      if (random.one_in(4)) cancelled[i] += timers[i].cancel();  // perhaps still on its way
      const std::size_t any = random.up_to(i);
      if (random.one_in(2)) cancelled[any] += timers[any].cancel();
    }
    std::size_t sum = 0;
    for (const int c : cancelled) sum += static_cast<std::size_t>(c);
    EXPECT_TRUE(eventually([&] { return sys.ask(sink, get{}) + sum >= n; }));
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(counts[i] + cancelled[i], 1) << "message " << i << ", " << test::seed_message();
    }
  }
}

TEST(SendAfterFromOutside, IsDestroyedWithTheSystemWhenItHasNotFired) {
  const auto token = std::make_shared<int>(1);
  for (std::size_t round = 0; round < 20; ++round) {
    system sys({.workers = 2});
    const any_ref a = sys.spawn([](context& self) { self.receive([](get) {}); });
    for (int i = 0; i < 50; ++i) sys.send_after(1h, a, std::shared_ptr<int>(token));
    EXPECT_EQ(token.use_count(), 51);
    if (round % 2 == 0) {
      EXPECT_TRUE(sys.shutdown(60s).clean());
    }
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(SendAfterFromOutside, FollowsTheRulesOfSend) {
  system sys({.workers = 2});
  EXPECT_THROW(sys.send_after(1ms, any_ref(), tagged{0}), std::logic_error);
  const any_ref dead = sys.spawn([](context&) {});
  sys.await_actors();
  sys.send_after(1ms, dead, tagged{0});
  EXPECT_TRUE(eventually([&] { return sys.dead_letter_count() == 1; }));
  // From an actor, the actor is the sender; by whichever system's timer.
  system other({.workers = 1});
  std::atomic<int> right{0};
  sys.spawn([&](context& self) {
    for (system* by : {&sys, &other}) {
      by->send_after(1ms, self.ref(), tagged{0});
      self.receive([&](tagged) { right += self.sender() == self.ref(); });
    }
  });
  sys.await_actors();
  EXPECT_EQ(right, 2);
}

TEST(SendAfterFromOutside, PassesABound) {
  system sys({.workers = 1});
  std::atomic<bool> open{false};
  std::atomic<int> got{0};
  const any_ref a = sys.spawn(spawn_options{.mailbox = {.capacity = 1}}, [&](context& self) {
    while (!open) self.sleep_for(1ms);
    while (self.receive([&](tagged) { ++got; }, after(0ns))) {
    }
  });
  a.send(tagged{0});
  EXPECT_THROW(a.send(tagged{0}), std::system_error);
  for (int i = 0; i < 5; ++i) sys.send_after(0ns, a, tagged{0});
  const any_ref opener = sys.spawn([&](context& self) { self.receive([&](get) { open = true; }); });
  sys.send_after(2ms, opener, get{});  // behind the five, in the only worker's timers
  sys.await_actors();
  EXPECT_EQ(got, 6);
}

}  // namespace
}  // namespace troupe

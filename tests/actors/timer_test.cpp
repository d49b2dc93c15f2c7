// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
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

TEST(SendAfter, DeliversNeverEarly) {
  struct checker : actor<void(due), int(get)> {
    void on(due d) {
      EXPECT_GE(steady_clock::now(), d.not_before) << test::seed_message();
      ++seen;
    }
    int on(get) const { return seen; }
    int seen = 0;
  };
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    const auto c = sys.spawn<checker>();
    const int each = static_cast<int>(scaled(500));
    for (std::size_t a = 0; a < 4; ++a) {
      sys.spawn([=](context& self) {
        random_choices random(a);
        for (int i = 0; i < each; ++i) {
          const auto wait = std::chrono::nanoseconds(random.up_to(20'000'000));
          self.send_after(wait, c, due{steady_clock::now() + wait});
          if (random.one_in(20)) self.sleep_for(1ms);
        }
      });
    }
    EXPECT_TRUE(eventually([&] { return sys.ask(c, get{}) == 4 * each; }));
  }
}

TEST(SendAfter, DeliversInTheOrderOfDeadlines) {
  system sys({.workers = 1});
  std::vector<std::size_t> seen;
  sys.spawn([&](context& self) {
    for (const std::size_t n : {30U, 10U, 20U, 0U}) {
      self.send_after(std::chrono::milliseconds(n), self.ref(), tagged{n});
    }
    for (int i = 0; i < 4; ++i) self.receive([&](tagged t) { seen.push_back(t.n); });
  });
  sys.await_actors();
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 10, 20, 30}));
}

TEST(SendAfter, TheSenderIsTheActorThatArmedIt) {
  system sys;
  std::atomic<bool> right{false};
  sys.spawn([&](context& self) {
    const any_ref me = self.ref();
    const any_ref other = self.spawn([me](context& inner) {
      inner.send_after(1ms, me, tagged{1});
      inner.receive([](get) {});
    });
    self.receive([&](tagged) { right = self.sender() == other; });
    other.send(get{});
  });
  sys.await_actors();
  EXPECT_TRUE(right);
}

TEST(SendAfter, ToAnActorThatHasEndedIsADeadLetter) {
  system sys;
  const any_ref dead = sys.spawn([](context&) {});
  sys.await_actors();
  sys.spawn([dead](context& self) {
    for (int i = 0; i < 50; ++i)
      self.send_after(std::chrono::microseconds(i * 50), dead, tagged{1});
  });
  EXPECT_TRUE(eventually([&] { return sys.dead_letter_count() == 50; }));
  EXPECT_THROW(
      {
        std::atomic<bool> thrown{false};
        sys.spawn([&](context& self) {
          try {
            self.send_after(1ms, any_ref(), tagged{1});
          } catch (const std::logic_error&) {
            thrown = true;
          }
        });
        sys.await_actors();
        if (thrown) throw std::logic_error("empty handle");
      },
      std::logic_error);
}

TEST(SendAfter, ToManyEndedActorsAtOnceDoesNotKeepOthersFromBeingSpawned) {
  // All of them wake at one tick; what is spawned right then must find memory that is not theirs.
  system sys({.workers = 1});
  for (std::size_t round = 0; round < scaled(20); ++round) {
    sys.spawn([](context& self) {
      std::vector<any_ref> dead;
      for (int i = 0; i < 200; ++i) dead.push_back(self.spawn([](context&) {}));
      for (const any_ref& d : dead) {
        while (d.alive()) self.yield();
      }
      self.send_after(3ms, self.ref(), tagged{0});
      for (const any_ref& d : dead) self.send_after(3ms, d, tagged{1});
      self.receive([&](tagged) {
        for (int i = 0; i < 100; ++i) self.spawn([](context&) {});
      });
    });
    sys.await_actors();
  }
}

TEST(SendAfter, ToAnActorOfASystemThatIsGoneIsHarmless) {
  system sys({.workers = 1});
  for (int i = 0; i < 10; ++i) {
    auto other = std::make_unique<system>(system_options{.workers = 1});
    const any_ref orphan = other->spawn([](context& self) { self.receive([](tagged) {}); });
    std::atomic<bool> armed{false};
    std::atomic<bool> gone{false};
    sys.spawn([&, orphan](context& self) {
      for (int j = 0; j < 20; ++j) {
        self.send_after(std::chrono::milliseconds(j % 5), orphan, std::make_unique<tagged>());
      }
      armed = true;
      while (!gone) self.yield();
      for (int j = 0; j < 20; ++j) {
        self.send_after(std::chrono::milliseconds(j % 5), orphan, std::make_unique<tagged>());
      }
      self.sleep_for(8ms);
    });
    while (!armed) std::this_thread::yield();
    other.reset();
    gone = true;
    sys.await_actors();
    EXPECT_FALSE(orphan.alive());
  }
}

TEST(SendAfter, IsDestroyedWithTheSystemWhenItHasNotFired) {
  const auto token = std::make_shared<int>(1);
  {
    system sys({.workers = 2});
    sys.spawn([token](context& self) {
      for (int i = 0; i < 100; ++i) self.send_after(1h, self.ref(), std::shared_ptr<int>(token));
    });
    sys.await_actors();
    EXPECT_EQ(token.use_count(), 101);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(TimerCancel, OfAPendingMessageIsTrueOnceAndItIsNeverDelivered) {
  system sys({.workers = 1});
  const auto token = std::make_shared<int>(1);
  sys.spawn([&](context& self) {
    timer t = self.send_after(5ms, self.ref(), std::shared_ptr<int>(token));
    timer copy = t;
    EXPECT_TRUE(t.cancel());
    EXPECT_EQ(token.use_count(), 1) << "destroyed at once";
    EXPECT_FALSE(t.cancel());
    EXPECT_FALSE(copy.cancel());
    EXPECT_FALSE(self.receive([](const std::shared_ptr<int>&) {}, after(15ms)));
  });
  sys.await_actors();
  EXPECT_EQ(sys.dead_letter_count(), 0U);
}

TEST(TimerCancel, OfADeliveredMessageOrOfNoneIsFalse) {
  system sys;
  sys.spawn([](context& self) {
    timer t = self.send_after(0ns, self.ref(), tagged{1});
    self.receive([](tagged) {});
    EXPECT_FALSE(t.cancel());
    // Its memory serves another timer by now: that one must not be hit.
    timer other = self.send_after(0ns, self.ref(), tagged{2});
    EXPECT_FALSE(t.cancel());
    self.receive([](tagged x) { EXPECT_EQ(x.n, 2U); });
    EXPECT_FALSE(other.cancel());
    EXPECT_FALSE(timer().cancel());
  });
  sys.await_actors();
}

/// Counts what arrives, by number.
struct arrivals : actor<void(tagged), std::size_t(get)> {
  explicit arrivals(std::vector<std::atomic<int>>& c) : counts(&c) {}
  void on(tagged t) {
    ++(*counts)[t.n];
    ++total;
  }
  std::size_t on(get) const { return total; }
  std::vector<std::atomic<int>>* counts;
  std::size_t total = 0;
};

class TimerCancelRace : public testing::TestWithParam<std::size_t> {};

TEST_P(TimerCancelRace, FromOtherThreadsIsExact) {
  const std::size_t workers = GetParam();
  std::size_t all_cancelled = 0;
  std::size_t all_delivered = 0;
  // Until there was some of both, whatever the machine does in between.
  const auto seen_both = [&] { return all_cancelled > 0 && all_delivered > 0; };
  for (std::size_t round = 0; round < scaled(15) || !seen_both(); ++round) {
    system sys({.workers = workers});
    constexpr std::size_t n = 2000;
    std::vector<std::atomic<int>> counts(n);
    std::vector<timer> timers(n);
    std::vector<std::atomic<int>> cancelled(n);
    std::atomic<std::size_t> armed{0};
    const auto sink = sys.spawn<arrivals>(counts);
    sys.spawn([&](context& self) {
      random_choices random(round);
      for (std::size_t i = 0; i < n; ++i) {
        timers[i] = self.send_after(std::chrono::microseconds(random.up_to(4000)), sink, tagged{i});
        armed = i + 1;
        if (random.one_in(100)) self.yield();
      }
    });
    {
      std::vector<std::jthread> cancellers;
      for (std::size_t t = 0; t < 2; ++t) {
        cancellers.emplace_back([&, t] {
          random_choices random(100 + 10 * round + t);
          for (std::size_t i = 0; i < n; ++i) {
            while (armed <= i) std::this_thread::yield();
            if (random.one_in(2)) cancelled[i] += timers[i].cancel();
            if (random.one_in(50))
              std::this_thread::sleep_for(std::chrono::microseconds(random.up_to(200)));
          }
        });
      }
    }
    std::size_t sum = 0;
    for (const auto& c : cancelled) {
      EXPECT_LE(c, 1);
      sum += static_cast<std::size_t>(c.load());
    }
    EXPECT_TRUE(eventually([&] { return sys.ask(sink, get{}) + sum >= n; }));
    sys.spawn([](context& self) { self.sleep_for(3ms); });  // whatever comes too often has time to
    EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(counts[i] + cancelled[i], 1) << "message " << i << ", " << test::seed_message();
    }
    all_cancelled += sum;
    all_delivered += n - sum;
  }
}

TEST_P(TimerCancelRace, FromOtherActorsIsExact) {
  for (std::size_t round = 0; round < scaled(15); ++round) {
    system sys({.workers = GetParam()});
    constexpr std::size_t n = 1000;
    std::vector<std::atomic<int>> counts(n);
    std::vector<std::atomic<int>> cancelled(n);
    const auto sink = sys.spawn<arrivals>(counts);
    std::vector<any_ref> cancellers;
    using handed_over = std::pair<std::size_t, timer>;
    for (std::size_t c = 0; c < 3; ++c) {
      cancellers.push_back(sys.spawn([&](context& self) {
        for (bool more = true; more;) {
          self.receive([&](handed_over h) { cancelled[h.first] += h.second.cancel(); },
                       [&](get) { more = false; });
        }
      }));
    }
    sys.spawn([&](context& self) {
      random_choices random(round);
      for (std::size_t i = 0; i < n; ++i) {
        const timer t =
            self.send_after(std::chrono::microseconds(random.up_to(2500)), sink, tagged{i});
        for (const any_ref& c : cancellers) {
          if (random.one_in(3)) c.send(handed_over(i, t));
        }
        if (random.one_in(200)) self.sleep_for(1ms);
      }
      for (const any_ref& c : cancellers) c.send(get{});
    });
    EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
    std::size_t sum = 0;
    for (const auto& c : cancelled) sum += static_cast<std::size_t>(c.load());
    EXPECT_TRUE(eventually([&] { return sys.ask(sink, get{}) + sum >= n; }));
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(counts[i] + cancelled[i], 1) << "message " << i << ", " << test::seed_message();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, TimerCancelRace, testing::Values(1, 2, 4),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace troupe

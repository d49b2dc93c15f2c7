// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/eventually.hpp>
#include <support/random.hpp>
#include <actors/with_mail.hpp>

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
using std::chrono::steady_clock;
using test::eventually;
using test::get;
using test::go;
using test::number;
using test::random_choices;
using test::send_numbers;
using test::with_mail;

// ---- after

TEST(ReceiveAfter, OfZeroLooksAtWhatIsThereAndReturns) {
  with_mail([](const any_ref& a) { send_numbers(a, 1, 3); },
            [](context& self) {
              int taken = 0;
              while (self.receive([&](number) { ++taken; }, after(0ns))) {
              }
              EXPECT_EQ(taken, 3);
              EXPECT_FALSE(self.receive([](number) {}, after(-1s)));
            });
}

TEST(ReceiveAfter, OfZeroDoesNotWaitForTheClock) {
  // 20,000 looks at an empty mailbox; at a timer tick each they would take twenty seconds or more.
  system sys;
  std::atomic<bool> timely{false};
  sys.spawn([&](context& self) {
    const auto begin = steady_clock::now();
    for (int i = 0; i < 20'000; ++i) self.receive([](number) {}, after(0ns));
    timely = steady_clock::now() - begin < 15s;
  });
  sys.await_actors();
  EXPECT_TRUE(timely);
}

TEST(ReceiveAfter, FiresNeverEarlyAndRunsItsHandler) {
  system sys;
  for (std::size_t i = 0; i < 40; ++i) {
    sys.spawn([i](context& self) {
      random_choices random(i);
      for (int j = 0; j < 5; ++j) {
        const auto wait = std::chrono::microseconds(random.up_to(9000));
        const auto begin = steady_clock::now();
        bool fired = false;
        EXPECT_FALSE(self.receive([](number) {}, after(wait, [&] { fired = true; })));
        EXPECT_TRUE(fired);
        EXPECT_GE(steady_clock::now() - begin, wait) << test::seed_message();
      }
    });
  }
  sys.await_actors();
}

TEST(ReceiveAfter, IsNotTakenWhenAMessageMatches) {
  system sys;
  std::atomic<bool> ready{false};
  std::atomic<int> got{0};
  const any_ref a = sys.spawn([&](context& self) {
    ready = true;
    EXPECT_TRUE(self.receive([&](number x) { got = x.n; },
                             after(1h, [] { ADD_FAILURE() << "an hour has passed"; })));
    // The cancelled hour must not disturb what follows.
    self.sleep_for(2ms);
    EXPECT_FALSE(self.receive([](number) {}, after(1ms)));
  });
  while (!ready) std::this_thread::yield();
  a.send(number{5});
  sys.await_actors();
  EXPECT_EQ(got, 5);
}

TEST(ReceiveAfter, FiresWhileOtherMessagesKeepComing) {
  system sys({.workers = 2});
  std::atomic<bool> fired{false};
  std::atomic<bool> full{false};
  const any_ref a = sys.spawn([&](context& self) {
    EXPECT_FALSE(self.receive([](go) {}, after(20ms)));
    fired = true;
    while (!full) self.yield();
  });
  std::uint64_t sent = 0;
  {
    std::vector<std::jthread> flood;
    std::atomic<std::uint64_t> total{0};
    for (int t = 0; t < 2; ++t) {
      flood.emplace_back([&] {
        std::uint64_t mine = 0;
        // Bounded, so that a receive that never looks up is an endless wait, not an endless memory.
        while (!fired && mine < 3'000'000) {
          a.send(number{1});
          ++mine;
        }
        total += mine;
      });
    }
    flood.clear();
    sent = total;
  }
  full = true;
  EXPECT_TRUE(eventually([&] { return fired.load(); }));
  sys.await_actors();
  EXPECT_EQ(sys.dead_letter_count(), sent) << "what did not match was kept until the end";
}

TEST(ReceiveAfter, AloneIsASleep) {
  system sys;
  sys.spawn([](context& self) {
    const auto begin = steady_clock::now();
    EXPECT_FALSE(self.receive(after(5ms)));
    EXPECT_GE(steady_clock::now() - begin, 5ms);
  });
  sys.await_actors();
}

// ---- exceptions

TEST(ReceiveThrow, AHandlersExceptionComesOutOfReceiveAndUsesUpTheMessage) {
  with_mail([](const any_ref& a) { send_numbers(a, 1, 3); },
            [](context& self) {
              EXPECT_THROW(
                  self.receive([](number x) { throw std::runtime_error(std::to_string(x.n)); }),
                  std::runtime_error);
              EXPECT_FALSE(self.sender());
              std::string log;
              while (self.receive([&](number x) { log += std::to_string(x.n); }, after(0ns))) {
              }
              EXPECT_EQ(log, "23");
            });
}

TEST(ReceiveThrow, AConditionsExceptionLosesNoMessage) {
  with_mail([](const any_ref& a) { send_numbers(a, 1, 6); },
            [](context& self) {
              std::string log;
              // In the mailbox, ...
              for (const int bomb : {1, 3, 6}) {
                const auto explode = [bomb](number x) {
                  if (x.n == bomb) throw std::runtime_error("condition");
                  return false;
                };
                EXPECT_THROW(self.receive(when(explode, [](number) {})), std::runtime_error);
                // ... and, this time, among what was passed over.
                EXPECT_THROW(self.receive(when(explode, [](number) {})), std::runtime_error);
              }
              while (self.receive([&](number x) { log += std::to_string(x.n); }, after(0ns))) {
              }
              EXPECT_EQ(log, "123456");
            });
}

TEST(ReceiveThrow, AnExceptionDuringTheHandlingOfARequestFailsItEvenIfTheBodyCatchesIt) {
  system sys;
  const auto a = sys.spawn<int(get)>([](context& self) {
    try {
      self.receive([](get) -> int { throw std::runtime_error("caught outside"); });
    } catch (const std::runtime_error&) {
    }
    self.receive([](get) { return 5; });
  });
  std::error_code error;
  EXPECT_EQ(sys.ask(a, get{}, 60s, error), std::nullopt);
  EXPECT_EQ(error, errc::actor_failed);
  EXPECT_EQ(sys.ask(a, get{}), 5);
}

TEST(ReceiveThrow, ReceiveInACatchBlockKeepsTheExceptionInHand) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    std::atomic<int> right{0};
    constexpr int actors = 50;
    std::vector<any_ref> all;
    for (int i = 0; i < actors; ++i) {
      all.push_back(sys.spawn([&right, i](context& self) {
        try {
          throw std::runtime_error(std::to_string(i));
        } catch (const std::runtime_error&) {
          self.receive([](go) {});
          self.sleep_for(1ms);
          try {
            throw;
          } catch (const std::runtime_error& again) {
            right += again.what() == std::to_string(i);
          }
        }
      }));
    }
    for (const any_ref& a : all) a.send(go{});
    sys.await_actors();
    EXPECT_EQ(right, actors);
  }
}

// ---- cases with a name

TEST(ReceiveCase, MayBeANamedConstant) {
  with_mail([](const any_ref& a) { send_numbers(a, 1, 4); },
            [](context& self) {
              std::string log;
              int others = 0;
              const auto even = when([](number x) { return x.n % 2 == 0; },
                                     [&](number x) { log += std::to_string(x.n); });
              const auto any = [&](number) { ++others; };
              const auto limit = after(0ns);
              const auto noted = after(0ns, [&] { log += "!"; });
              EXPECT_TRUE(self.receive(even, limit));
              EXPECT_TRUE(self.receive(limit, even));
              EXPECT_FALSE(self.receive(even, noted));
              EXPECT_EQ(log, "24!");
              EXPECT_TRUE(self.receive(even, any));
              EXPECT_TRUE(self.receive(any));
              EXPECT_FALSE(self.receive(limit));
              EXPECT_EQ(others, 2);
            });
}

TEST(ReceiveCase, ThatIsNamedMayChangeWhatItHolds) {
  with_mail([](const any_ref& a) { send_numbers(a, 1, 3); },
            [](context& self) {
              auto each_second = when([n = 0](number) mutable { return ++n % 2 == 0; },
                                      [sum = 0](number x) mutable { EXPECT_EQ(sum += x.n, 2); });
              EXPECT_TRUE(self.receive(each_second));
              auto rest = [n = 0](number) mutable { ++n; };
              EXPECT_TRUE(self.receive(rest));
              EXPECT_TRUE(self.receive(rest));
            });
}

}  // namespace
}  // namespace troupe

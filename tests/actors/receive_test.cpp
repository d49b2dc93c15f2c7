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
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;
using test::random_choices;
using test::scaled;

struct number {
  int n;
};
struct text {
  std::string s;
};
struct go {};
struct get {};

/// Runs a body as an actor whose mailbox already holds what `fill(any_ref)` has sent; returns when
/// it has ended.
template <class Fill, class Body>
void with_mail(Fill fill, Body body, system_options options = {}) {
  if (!options.on_failure) {
    options.on_failure = [](const failure& f) { ADD_FAILURE() << f.what; };
  }
  system sys(std::move(options));
  std::atomic<bool> filled{false};
  const any_ref a = sys.spawn([&](context& self) {
    while (!filled) self.yield();
    body(self);
  });
  fill(a);
  filled = true;
  sys.await_actors();
}

void send_numbers(const any_ref& to, int first, int last) {
  for (int i = first; i <= last; ++i) to.send(number{i});
}

TEST(Receive, TakesTheOldestMessageOfAMatchingTypeAndLeavesTheRestInOrder) {
  with_mail(
      [](const any_ref& a) {
        a.send(number{1});
        a.send(text{"one"});
        a.send(number{2});
        a.send(text{"two"});
        a.send(number{3});
      },
      [](context& self) {
        std::string log;
        self.receive([&](const text& t) { log += t.s; });
        self.receive([&](const text& t) { log += t.s; });
        for (int i = 0; i < 3; ++i) self.receive([&](number x) { log += std::to_string(x.n); });
        EXPECT_EQ(log, "onetwo123");
      });
}

TEST(Receive, TakesTheOldestMessageWhicheverCaseItMatches) {
  with_mail(
      [](const any_ref& a) {
        a.send(text{"a"});
        a.send(number{1});
        a.send(text{"b"});
      },
      [](context& self) {
        std::string log;
        for (int i = 0; i < 3; ++i) {
          EXPECT_TRUE(self.receive([&](number x) { log += std::to_string(x.n); },
                                   [&](const text& t) { log += t.s; }));
        }
        EXPECT_EQ(log, "a1b");
      });
}

TEST(Receive, GivesAMessageToTheFirstCaseThatMatchesIt) {
  with_mail([](const any_ref& a) { send_numbers(a, 1, 4); },
            [](context& self) {
              std::string log;
              for (int i = 0; i < 4; ++i) {
                self.receive(when([](number x) { return x.n == 2; }, [&](number) { log += "two"; }),
                             when([](number x) { return x.n % 2 == 0; },
                                  [&](number) { log += "even"; }),
                             [&](number) { log += "odd"; });
              }
              EXPECT_EQ(log, "oddtwooddeven");
            });
}

TEST(Receive, SelectsByConditionAndKeepsTheOrderOfWhatStays) {
  constexpr int n = 300;
  with_mail([](const any_ref& a) { send_numbers(a, 0, n - 1); },
            [](context& self) {
              std::vector<int> seen;
              const auto take = [&](auto condition) {
                return self.receive(when(condition, [&](number x) { seen.push_back(x.n); }),
                                    after(0ns));
              };
              while (take([](number x) { return x.n % 3 == 0; })) {
              }
              while (take([](number x) { return x.n % 2 == 0; })) {
              }
              while (take([](number) { return true; })) {
              }
              std::vector<int> expected;
              for (int i = 0; i < n; i += 3) expected.push_back(i);
              for (int i = 0; i < n; ++i) {
                if (i % 3 != 0 && i % 2 == 0) expected.push_back(i);
              }
              for (int i = 0; i < n; ++i) {
                if (i % 3 != 0 && i % 2 != 0) expected.push_back(i);
              }
              EXPECT_EQ(seen, expected);
            });
}

/// The same choices on a plain list.
TEST(Receive, BehavesLikeAListUnderRandomSelections) {
  for (std::size_t round = 0; round < scaled(60); ++round) {
    random_choices random(round);
    constexpr int n = 200;
    const int classes = 4;
    with_mail([](const any_ref& a) { send_numbers(a, 0, n - 1); },
              [&](context& self) {
                std::vector<int> model;
                for (int i = 0; i < n; ++i) model.push_back(i);
                while (!model.empty()) {
                  const int wanted = static_cast<int>(random.up_to(classes));  // one too many: none
                  const auto matches = [wanted, classes](number x) { return x.n % classes == wanted; };
                  int got = -1;
                  self.receive(when(matches, [&](number x) { got = x.n; }), after(0ns));
                  const auto at = std::find_if(model.begin(), model.end(),
                                               [&](int i) { return matches(number{i}); });
                  ASSERT_EQ(got, at == model.end() ? -1 : *at) << test::seed_message();
                  if (at != model.end()) model.erase(at);
                }
              });
  }
}

TEST(Receive, WaitsForAMatchWhileOthersComeAndThenFindsThemInOrder) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    std::vector<int> seen;
    const any_ref a = sys.spawn([&](context& self) {
      self.receive([](go) {});
      while (self.receive([&](number x) { seen.push_back(x.n); }, after(0ns))) {
      }
    });
    send_numbers(a, 1, 50);
    std::this_thread::yield();
    send_numbers(a, 51, 100);
    a.send(go{});
    sys.await_actors();
    ASSERT_EQ(seen.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i + 1);
  }
}

TEST(Receive, NestsInsideAHandler) {
  with_mail(
      [](const any_ref& a) {
        a.send(text{"begin"});
        send_numbers(a, 1, 3);
        a.send(text{"inner"});
        send_numbers(a, 4, 5);
      },
      [](context& self) {
        std::string log;
        self.receive([&](const text& outer) {
          log += outer.s;
          self.receive([&](const text& inner) {
            log += inner.s;
            self.receive(when([](number x) { return x.n == 4; },
                              [&](number x) { log += std::to_string(x.n); }));
          });
          log += outer.s;
        });
        while (self.receive([&](number x) { log += std::to_string(x.n); }, after(0ns))) {
        }
        EXPECT_EQ(log, "begininner4begin1235");
      });
}

struct collector : actor<void(text), void(number), std::string(get)> {
  void on(const text& t) {
    log += "[" + t.s;
    if (t.s == "wait") {
      self().receive(when([](number x) { return x.n == 3; },
                          [&](number x) { log += std::to_string(x.n); }));
    }
    log += "]";
  }
  void on(number x) { log += std::to_string(x.n); }
  std::string on(get) { return log; }
  std::string log;
};

TEST(Receive, InAHandlerStyleActorLeavesTheRestToItsHandlersInOrder) {
  for (const std::size_t workers : {1U, 2U}) {
    for (int i = 0; i < 50; ++i) {
      system sys({.workers = workers});
      const auto c = sys.spawn<collector>();
      c.send(text{"wait"});
      send_numbers(c, 1, 5);
      c.send(text{"end"});
      EXPECT_EQ(sys.ask(c, get{}), "[wait3]1245[end]");
    }
  }
}

TEST(Receive, InHandlersOfWhatEarlierReceivesLeftBehindKeepsOrderToo) {
  struct nested : actor<void(number), std::vector<int>(get)> {
    void on(number x) {
      seen.push_back(x.n);
      // Every multiple of ten pulls forward the next one but two.
      if (x.n % 10 == 0) {
        self().receive(when([&](number y) { return y.n == x.n + 3; },
                            [&](number y) { seen.push_back(y.n); }));
      }
    }
    std::vector<int> on(get) { return seen; }
    std::vector<int> seen;
  };
  system sys;
  const auto a = sys.spawn<nested>();
  send_numbers(a, 0, 99);
  std::vector<int> expected;
  for (int i = 0; i < 100; i += 10) {
    for (const int d : {0, 3, 1, 2, 4, 5, 6, 7, 8, 9}) expected.push_back(i + d);
  }
  EXPECT_EQ(sys.ask(a, get{}), expected);
}

TEST(Receive, AnswersARequestWithTheCasesResult) {
  system sys;
  const auto a = sys.spawn<int(get), std::unique_ptr<int>(number), void(text)>([](context& self) {
    for (;;) {
      self.receive([](get) { return 3; }, [](number x) { return std::make_unique<int>(x.n); },
                   [](const text&) {});
    }
  });
  EXPECT_EQ(sys.ask(a, get{}), 3);
  EXPECT_EQ(*sys.ask(a, number{8}), 8);
  sys.ask(a, text{"no result"});
}

TEST(Receive, CasesTakeTheirMessageInAnyWay) {
  with_mail(
      [](const any_ref& a) {
        for (int i = 0; i < 4; ++i) a.send(text{"abc"});
        for (int i = 0; i < 2; ++i) a.send(std::make_unique<int>(1));
      },
      [](context& self) {
        int calls = 0;
        self.receive([&](text t) { calls += t.s == "abc"; });
        self.receive([&](const text& t) { calls += t.s == "abc"; });
        self.receive([&](text&& t) { calls += std::move(t).s == "abc"; });
        self.receive([&, mine = 1](text) mutable { calls += mine++; });
        self.receive([&](std::unique_ptr<int> p) { calls += *p; });
        self.receive(when([](const std::unique_ptr<int>& p) { return *p == 1; },
                          [&](std::unique_ptr<int>&& p) { calls += *std::move(p); }));
        EXPECT_EQ(calls, 6);
      });
}

int plain_function(number x) { return x.n; }

TEST(Receive, ACaseMayBeAFunction) {
  with_mail([](const any_ref& a) { send_numbers(a, 1, 2); },
            [](context& self) {
              EXPECT_TRUE(self.receive(&plain_function));
              EXPECT_TRUE(self.receive(plain_function));
            });
}

TEST(Receive, AnyMessageTakesWhatNoOtherCaseWants) {
  system sys;
  std::string log;
  const auto a = sys.spawn<int(get), int(number)>([&](context& self) {
    for (int i = 0; i < 3; ++i) {
      self.receive([](number x) { return x.n; },
                   [&](any_message m) {
                     log += m.type_name();
                     if (const text* t = m.get_if<text>()) log += t->s;
                     EXPECT_EQ(m.get_if<number>(), nullptr);
                   });
    }
  });
  any_ref(a).send(text{"!"});
  std::error_code error;
  EXPECT_EQ(sys.ask(a, get{}, 60s, error), std::nullopt);
  EXPECT_EQ(error, errc::no_handler);
  EXPECT_EQ(sys.ask(a, number{4}), 4);
  sys.await_actors();
  EXPECT_NE(log.find("text!"), std::string::npos) << log;
  EXPECT_NE(log.find("get"), std::string::npos) << log;
}

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
              EXPECT_THROW(self.receive([](number x) {
                throw std::runtime_error(std::to_string(x.n));
              }),
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

}  // namespace
}  // namespace troupe

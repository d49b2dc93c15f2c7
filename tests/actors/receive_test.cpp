// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/random.hpp>
#include <actors/with_mail.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::get;
using test::go;
using test::number;
using test::random_choices;
using test::scaled;
using test::send_numbers;
using test::text;
using test::with_mail;

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
                self.receive(
                    when([](number x) { return x.n == 2; }, [&](number) { log += "two"; }),
                    when([](number x) { return x.n % 2 == 0; }, [&](number) { log += "even"; }),
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
    static constexpr int classes = 4;
    with_mail([](const any_ref& a) { send_numbers(a, 0, n - 1); },
              [&](context& self) {
                std::vector<int> model;
                for (int i = 0; i < n; ++i) model.push_back(i);
                while (!model.empty()) {
                  const int wanted = static_cast<int>(random.up_to(classes));  // one too many: none
                  const auto matches = [wanted](number x) { return x.n % classes == wanted; };
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
      self().receive(
          when([](number x) { return x.n == 3; }, [&](number x) { log += std::to_string(x.n); }));
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
        self().receive(
            when([&](number y) { return y.n == x.n + 3; }, [&](number y) { seen.push_back(y.n); }));
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

// It is in the middle of the news, to which more may come.
TEST(Receive, AConditionThatYieldsLosesNoNotice) {
  system sys({.workers = 1});
  std::atomic<int> downs{0};
  sys.spawn([&](context& self) {
    const auto wait = [](context& me) { me.receive([](go) {}); };
    const any_ref first = self.spawn(wait);
    const any_ref second = self.spawn(wait);
    self.monitor(first);
    self.monitor(second);
    first.send(go{});
    while (first.alive()) self.yield();
    bool asked = false;
    const auto yields = [&](const down&) {
      if (!std::exchange(asked, true)) {
        second.send(go{});
        while (second.alive()) self.yield();
        for (int i = 0; i < 5; ++i) self.yield();
      }
      return true;
    };
    self.receive(when(yields, [&](down) { ++downs; }));
    EXPECT_TRUE(self.receive([&](down) { ++downs; }, after(1min)));
  });
  sys.await_actors();
  EXPECT_EQ(downs, 2);
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

}  // namespace
}  // namespace troupe

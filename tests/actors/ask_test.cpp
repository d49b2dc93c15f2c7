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
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;
using test::random_choices;
using test::scaled;

struct get {};
struct set {
  int n;
};
struct fail_now {};
struct unheard_of {};

struct cell : actor<void(set), int(get), void(fail_now), std::string(std::string)> {
  void on(set s) { n = s.n; }
  int on(get) const { return n; }
  void on(fail_now) { throw std::runtime_error("told to"); }
  std::string on(const std::string& s) { return s + s; }
  int n = 0;
};

system_options quiet(std::size_t workers = 0) {
  system_options o;
  o.workers = workers;
  o.on_failure = [](const failure&) {};
  return o;
}

/// The code of the std::system_error that `f` throws; none when it returns.
template <class F>
std::error_code error_of(F&& f) {
  try {
    f();
  } catch (const std::system_error& e) {
    return e.code();
  }
  return {};
}

/// Runs `f(context&)` as an actor and returns when it has ended; what it throws fails the test.
template <class F>
void as_actor(system& sys, F f) {
  std::atomic<bool> done{false};
  sys.spawn([&](context& self) {
    try {
      f(self);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    done = true;
    done.notify_all();
  });
  done.wait(false);
}

TEST(Ask, ReturnsTheHandlersResultToAThread) {
  system sys;
  const auto c = sys.spawn<cell>();
  sys.ask(c, set{5});
  EXPECT_EQ(sys.ask(c, get{}), 5);
  EXPECT_EQ(sys.ask(c, std::string("ab")), "abab");
  std::error_code error = errc::timeout;
  const std::optional<int> n = sys.ask(c, get{}, 60s, error);
  EXPECT_FALSE(error);
  EXPECT_EQ(n, 5);
  const bool answered = sys.ask(c, set{6}, 60s, error);
  EXPECT_TRUE(answered);
}

TEST(Ask, ReturnsTheHandlersResultToABehavior) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    const auto c = sys.spawn<cell>();
    as_actor(sys, [c](context& self) {
      self.ask(c, set{5});
      EXPECT_EQ(self.ask(c, get{}), 5);
      EXPECT_EQ(self.ask(c, get{}, 60s), 5);
      EXPECT_EQ(self.ask<std::string>(any_ref(c), std::string("x")), "xx");
      std::error_code error = errc::timeout;
      EXPECT_EQ(self.ask(c, get{}, 60s, error), 5);
      EXPECT_FALSE(error);
    });
  }
}

TEST(Ask, OfAnActorWithoutAHandlerForItIsNoHandler) {
  system sys;
  const auto c = sys.spawn<cell>();
  as_actor(sys, [c](context& self) {
    const any_ref any = c;
    EXPECT_EQ(error_of([&] { self.ask<int>(any, unheard_of{}); }), errc::no_handler);
    EXPECT_EQ(self.ask(c, get{}), 0) << "it lives on";
  });
  EXPECT_EQ(sys.dead_letter_count(), 1U);
  // A lie about the signatures.
  const auto lie = any_ref(c).as<actor_ref<int(unheard_of)>>();
  EXPECT_EQ(error_of([&] { sys.ask(lie, unheard_of{}); }), errc::no_handler);
}

TEST(Ask, ForAnotherTypeThanTheAnswersIsNoAnswer) {
  system sys;
  const auto c = sys.spawn<cell>();
  as_actor(sys, [c](context& self) {
    const any_ref any = c;
    EXPECT_EQ(error_of([&] { self.ask<std::string>(any, get{}); }), errc::no_answer);
    EXPECT_EQ(error_of([&] { self.ask<int>(any, set{1}); }), errc::no_answer) << "answers void";
    EXPECT_EQ(self.ask<int>(any, get{}), 1);
  });
}

TEST(Ask, OfAHandlerThatThrowsIsActorFailed) {
  system sys(quiet());
  EXPECT_EQ(error_of([&] { sys.ask(sys.spawn<cell>(), fail_now{}); }), errc::actor_failed);
  as_actor(sys, [](context& self) {
    const auto c = self.spawn<cell>();
    EXPECT_EQ(error_of([&] { self.ask(c, fail_now{}); }), errc::actor_failed);
    EXPECT_EQ(error_of([&] { self.ask(c, get{}); }), errc::actor_down);
  });
  // Direct style.
  const auto d = sys.spawn<int(get)>([](context& self) {
    self.receive([](get) -> int { throw std::runtime_error("direct"); });
  });
  EXPECT_EQ(error_of([&] { sys.ask(d, get{}); }), errc::actor_failed);
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 0; }));
}

TEST(Ask, OfAnActorThatHasEndedIsActorDown) {
  system sys;
  const auto c = sys.spawn<cell>();
  any_ref(c).kill();
  sys.await_actors();
  EXPECT_EQ(error_of([&] { sys.ask(c, get{}); }), errc::actor_down);
  as_actor(sys, [c](context& self) {
    EXPECT_EQ(error_of([&] { self.ask(c, get{}); }), errc::actor_down);
    std::error_code error;
    EXPECT_EQ(self.ask(c, get{}, 60s, error), std::nullopt);
    EXPECT_EQ(error, errc::actor_down);
    EXPECT_FALSE(self.ask(c, set{1}, 60s, error));
    EXPECT_EQ(error, errc::actor_down);
  });
}

TEST(Ask, OfAnActorThatEndsBeforeItComesToTheRequestIsActorDown) {
  for (std::size_t i = 0; i < scaled(200); ++i) {
    system sys(quiet(1 + i % 3));
    std::atomic<bool> open{false};
    const auto d = sys.spawn<int(get)>([&](context& self) {
      while (!open) self.yield();
      if (i % 2 == 0) self.quit();
    });
    std::vector<std::jthread> askers;
    std::atomic<int> right{0};
    std::atomic<int> sent{0};
    for (int t = 0; t < 3; ++t) {
      askers.emplace_back([&] {
        ++sent;
        if (error_of([&] { sys.ask(d, get{}); }) == errc::actor_down) ++right;
      });
    }
    while (sent < 3) std::this_thread::yield();
    open = true;
    askers.clear();
    ASSERT_EQ(right, 3);
  }
}

TEST(Ask, OfAnActorThatIsKilledWhileItHandlesTheRequestIsActorDown) {
  struct sleeper : actor<int(get), void(set)> {
    int on(get) {
      self().sleep_for(1h);
      return 1;
    }
    void on(set) { self().receive([](unheard_of) {}); }
  };
  system sys;
  for (int i = 0; i < 4; ++i) {
    const auto s = sys.spawn<sleeper>();
    const auto d = sys.spawn<int(get)>([](context& self) {
      self.receive([&](get) {
        self.sleep_for(1h);
        return 2;
      });
    });
    std::atomic<int> down{0};
    {
      std::jthread a([&] { down += error_of([&] { sys.ask(s, get{}); }) == errc::actor_down; });
      std::jthread b([&] { down += error_of([&] { sys.ask(d, get{}); }) == errc::actor_down; });
      std::this_thread::sleep_for(std::chrono::milliseconds(i));
      any_ref(s).kill();
      any_ref(d).kill();
    }
    EXPECT_EQ(down, 2) << "killed, not failed";
  }
}

TEST(Ask, OfAnActorWhoseSystemIsGoneIsActorDown) {
  actor_ref<int(get)> orphan;
  {
    system other;
    orphan = other.spawn<cell>();
  }
  system sys;
  EXPECT_EQ(error_of([&] { sys.ask(orphan, get{}); }), errc::actor_down);
  as_actor(sys, [&](context& self) {
    EXPECT_EQ(error_of([&] { self.ask(orphan, get{}); }), errc::actor_down);
  });
}

TEST(Ask, WorksAcrossSystems) {
  system a({.workers = 1});
  system b({.workers = 2});
  const auto in_a = a.spawn<cell>();
  EXPECT_EQ(b.ask(in_a, get{}), 0);
  as_actor(b, [in_a](context& self) {
    for (int i = 0; i < 200; ++i) {
      self.ask(in_a, set{i});
      EXPECT_EQ(self.ask(in_a, get{}, 60s), i);
    }
  });
}

TEST(Ask, OfOneselfIsRefused) {
  system sys;
  as_actor(sys, [](context& self) {
    const auto me = self.ref<int(get)>();
    EXPECT_EQ(error_of([&] { self.ask(me, get{}); }), errc::self_ask);
    std::error_code error;
    EXPECT_EQ(self.ask(me, get{}, 1s, error), std::nullopt);
    EXPECT_EQ(error, errc::self_ask);
  });
}

TEST(Ask, DISABLED_OfAnEarlierActorInTheSameMemoryIsActorDownNotSelfAsk) {
  system sys({.workers = 1});
  int met = 0;
  as_actor(sys, [&](context& self) {
    for (int i = 0; i < 100; ++i) {
      const any_ref old = self.spawn([](context&) {});
      while (old.alive()) self.yield();
      const any_ref successor = self.spawn([&, old](context& inner) {
        if ((inner.ref().id() & 0xffffffff) != (old.id() & 0xffffffff)) return;
        ++met;
        EXPECT_EQ(error_of([&] { inner.ask<int>(old, get{}); }), errc::actor_down);
      });
      while (successor.alive()) self.yield();
    }
  });
  EXPECT_GT(met, 0) << "no block was recycled at once: the test has lost its subject";
}

TEST(Ask, OfAnEmptyHandleIsALogicError) {
  system sys;
  EXPECT_THROW(sys.ask(actor_ref<int(get)>(), get{}), std::logic_error);
  as_actor(sys, [](context& self) {
    EXPECT_THROW(self.ask(actor_ref<int(get)>(), get{}), std::logic_error);
  });
}

TEST(Ask, TheThreadsFormIsRefusedInABehavior) {
  system sys;
  const auto c = sys.spawn<cell>();
  as_actor(sys, [&](context&) { EXPECT_THROW(sys.ask(c, get{}), std::logic_error); });
}

// ---- time-outs

/// Reads requests and never answers in time: the request is kept until it ends.
void mute(context& self) {
  self.receive([&](get) {
    self.receive([](set) {});
    return 1;
  });
}

TEST(AskTimeout, IsReportedAndNeverComesEarly) {
  system sys;
  random_choices random(1);
  for (int i = 0; i < 30; ++i) {
    const auto m = sys.spawn<int(get)>(mute);
    const auto wait = std::chrono::microseconds(random.up_to(12'000));
    const auto begin = steady_clock::now();
    EXPECT_EQ(error_of([&] { sys.ask(m, get{}, wait); }), errc::timeout);
    EXPECT_GE(steady_clock::now() - begin, wait) << test::seed_message();
    as_actor(sys, [&](context& self) {
      const auto start = steady_clock::now();
      std::error_code error;
      EXPECT_EQ(self.ask(m, get{}, wait, error), std::nullopt);
      EXPECT_EQ(error, errc::timeout);
      EXPECT_TRUE(error == std::errc::timed_out);
      EXPECT_GE(steady_clock::now() - start, wait) << test::seed_message();
    });
    any_ref(m).kill();
  }
}

TEST(AskTimeout, OfZeroOrLessEndsTheWaitAllTheSame) {
  system sys;
  const auto m = sys.spawn<int(get)>(mute);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, 0ns); }), errc::timeout);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, -5s); }), errc::timeout);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, std::chrono::nanoseconds::min()); }), errc::timeout);
  any_ref(m).kill();
}

TEST(AskTimeout, ThatIsNotReachedCostsNothingLater) {
  system sys({.workers = 1});
  const auto c = sys.spawn<cell>();
  as_actor(sys, [c](context& self) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(self.ask(c, get{}, 3ms + 1s * (i % 2)), 0);
    // The time-outs of the asks above pass during these waits, and must not end them.
    for (int i = 0; i < 5; ++i) {
      const auto begin = steady_clock::now();
      self.sleep_for(4ms);
      EXPECT_GE(steady_clock::now() - begin, 4ms);
    }
    EXPECT_EQ(self.ask(c, get{}), 0);
  });
}

TEST(AskTimeout, MakesTheLateAnswerADeadLetter) {
  std::atomic<int> late{0};
  std::atomic<int> other{0};
  system sys({.on_dead_letter = [&](const dead_letter& d) {
    ++(d.why == dead_letter::cause::late_answer ? late : other);
  }});
  // Asked by an actor that goes on.
  as_actor(sys, [&](context& self) {
    const auto m = self.spawn<int(get)>(mute);
    EXPECT_EQ(error_of([&] { self.ask(m, get{}, 1ms); }), errc::timeout);
    any_ref(m).send(set{1});
    EXPECT_TRUE(eventually([&] {
      self.sleep_for(1ms);
      return late == 1;
    }));
  });
  // Asked by a thread.
  const auto m = sys.spawn<int(get)>(mute);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, 1ms); }), errc::timeout);
  any_ref(m).send(set{1});
  EXPECT_TRUE(eventually([&] { return late == 2; }));
  sys.await_actors();
  EXPECT_EQ(other, 0);
  EXPECT_EQ(sys.dead_letter_count(), 2U);
}

TEST(AskTimeout, RacingWithTheAnswerGivesOneOfThem) {
  system sys({.workers = 2});
  random_choices random(3);
  std::uint64_t answered = 0;
  std::uint64_t timed_out = 0;
  const auto d = sys.spawn<int(set)>([](context& self) {
    for (;;) {
      self.receive([&](set s) {
        self.sleep_for(std::chrono::microseconds(s.n));
        return s.n;
      });
    }
  });
  as_actor(sys, [&](context& self) {
    for (std::size_t i = 0; i < scaled(300); ++i) {
      const int n = static_cast<int>(random.up_to(2000));
      std::error_code error;
      const auto answer = self.ask(d, set{n}, std::chrono::microseconds(random.up_to(2000)), error);
      if (answer) {
        EXPECT_EQ(answer, n) << "the answer to another request; " << test::seed_message();
        ++answered;
      } else {
        EXPECT_EQ(error, errc::timeout);
        ++timed_out;
      }
    }
    // Behind all late answers: each of them has been noticed, and none was lost.
    EXPECT_EQ(self.ask(d, set{0}), 0);
    EXPECT_EQ(sys.dead_letter_count(), timed_out) << test::seed_message();
  });
  EXPECT_GT(answered + timed_out, 0U);
}

// ---- combinations

TEST(Ask, ChainsOfAnyLengthWork) {
  system sys({.workers = 2});
  auto next = sys.spawn<int(get)>([](context& self) {
    for (;;) self.receive([](get) { return 0; });
  });
  for (int i = 0; i < 200; ++i) {
    next = sys.spawn<int(get)>([next](context& self) {
      for (;;) self.receive([&](get) { return self.ask(next, get{}) + 1; });
    });
  }
  EXPECT_EQ(sys.ask(next, get{}), 200);
  EXPECT_EQ(sys.ask(next, get{}), 200);
}

TEST(Ask, ACycleEndsByItsTimeout) {
  system sys;
  struct partner : actor<void(any_ref), int(get)> {
    void on(any_ref r) { other = r.as<actor_ref<int(get)>>(); }
    int on(get) {
      std::error_code error;
      return self().ask(other, get{}, 5ms, error).value_or(-1);
    }
    actor_ref<int(get)> other;
  };
  const auto a = sys.spawn<partner>();
  const auto b = sys.spawn<partner>();
  a.send(any_ref(b));
  b.send(any_ref(a));
  EXPECT_EQ(sys.ask(a, get{}), -1);
}

/// Asks in a handler; messages that come meanwhile wait, in order.
struct asking : actor<void(int), int(get), std::vector<int>(unheard_of)> {
  explicit asking(actor_ref<int(get)> to) : other(to) {}
  void on(int i) {
    EXPECT_FALSE(busy) << "re-entered";
    busy = true;
    seen.push_back(i);
    self().ask(other, get{});
    busy = false;
  }
  int on(get) const { return static_cast<int>(seen.size()); }
  std::vector<int> on(unheard_of) { return seen; }
  actor_ref<int(get)> other;
  std::vector<int> seen;
  bool busy = false;
};

TEST(Ask, InAHandlerDoesNotLetOtherMessagesIn) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    const auto c = sys.spawn<cell>();
    const auto a = sys.spawn<asking>(c);
    const int n = static_cast<int>(scaled(5000));
    for (int i = 0; i < n; ++i) a.send(i);
    const std::vector<int> seen = sys.ask(a, unheard_of{});
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) ASSERT_EQ(seen[static_cast<std::size_t>(i)], i);
  }
}

TEST(Ask, FromManyActorsAndThreadsGivesEachItsOwnAnswer) {
  struct echo : actor<int(int)> {
    int on(int i) { return i; }
  };
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    std::vector<ref_of<echo>> echoes;
    for (int i = 0; i < 3; ++i) echoes.push_back(sys.spawn<echo>());
    std::atomic<long> right{0};
    const int each = static_cast<int>(scaled(2000));
    constexpr int actors = 10;
    constexpr int threads = 3;
    for (int a = 0; a < actors; ++a) {
      sys.spawn([&, a](context& self) {
        for (int i = 0; i < each; ++i) {
          right += self.ask(echoes[static_cast<std::size_t>(i + a) % 3], i * actors + a) ==
                   i * actors + a;
        }
      });
    }
    {
      std::vector<std::jthread> askers;
      for (int t = 0; t < threads; ++t) {
        askers.emplace_back([&, t] {
          for (int i = 0; i < each / 10; ++i) {
            right += sys.ask(echoes[static_cast<std::size_t>(i) % 3], i * 7 + t) == i * 7 + t;
          }
        });
      }
    }
    EXPECT_TRUE(eventually([&] { return sys.actor_count() == 3; }));
    EXPECT_EQ(right, static_cast<long>(actors) * each + static_cast<long>(threads) * (each / 10));
    EXPECT_EQ(sys.dead_letter_count(), 0U);
  }
}

TEST(Ask, MovesOnlyWhatItMustAndDestroysTheRest) {
  struct tracked {
    explicit tracked(std::atomic<int>& n) : alive(&n) { ++n; }
    tracked(tracked&& o) noexcept : alive(o.alive) { ++*alive; }
    ~tracked() { --*alive; }
    std::atomic<int>* alive;
  };
  struct giver : actor<tracked(tracked)> {
    tracked on(tracked t) { return t; }
  };
  std::atomic<int> alive{0};
  {
    system sys;
    const auto g = sys.spawn<giver>();
    for (int i = 0; i < 100; ++i) {
      const tracked back = sys.ask(g, tracked(alive));
      EXPECT_EQ(back.alive, &alive);
    }
    as_actor(sys, [&](context& self) {
      for (int i = 0; i < 100; ++i) self.ask(g, tracked(alive));
      std::error_code error;
      for (int i = 0; i < 20; ++i) self.ask(g, tracked(alive), 0ns, error);
    });
    EXPECT_TRUE(eventually([&] { return alive == 0; }));
  }
  EXPECT_EQ(alive, 0);
}

TEST(Ask, DuringAShutdownEndsWithAnError) {
  for (std::size_t i = 0; i < scaled(100); ++i) {
    system sys(quiet(1 + i % 2));
    const auto m = sys.spawn<int(get)>(mute);
    std::atomic<int> ended{0};
    {
      std::vector<std::jthread> askers;
      for (int t = 0; t < 2; ++t) {
        askers.emplace_back([&] {
          const std::error_code e = error_of([&] { sys.ask(m, get{}); });
          EXPECT_TRUE(e == errc::stopping || e == errc::actor_down) << e.message();
          ++ended;
        });
      }
      if (i % 3 != 0) std::this_thread::yield();
      EXPECT_TRUE(sys.shutdown(60s).clean());
    }
    EXPECT_EQ(ended, 2);
  }
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::scaled;

struct add {
  int n;
};
struct get {};

struct counter_actor : actor<void(add), int(get)> {
  counter_actor() = default;
  explicit counter_actor(int start) : n(start) {}
  counter_actor(std::unique_ptr<int> start, int& touched) : n(*start) { ++touched; }

  void on(add a) { n += a.n; }
  int on(get) const { return n; }

  int n = 0;
};

/// Counts the living.
struct tracked {
  explicit tracked(std::atomic<int>& n) : alive(&n) { ++*alive; }
  tracked(const tracked& other) : alive(other.alive) { ++*alive; }
  tracked& operator=(const tracked&) = delete;
  ~tracked() { --*alive; }
  std::atomic<int>* alive;
};

TEST(Spawn, AHandlerStyleActorHandlesItsMessagesAndAnswers) {
  system sys;
  const actor_ref<void(add), int(get)> c = sys.spawn<counter_actor>();
  c.send(add{2});
  c.send(add{3});
  EXPECT_EQ(sys.ask(c, get{}), 5);
}

TEST(Spawn, ForwardsItsArgumentsToTheConstructor) {
  system sys;
  int touched = 0;
  const auto a = sys.spawn<counter_actor>(std::make_unique<int>(41), touched);
  EXPECT_EQ(touched, 1);
  EXPECT_EQ(sys.ask(a, get{}), 41);
  int start = 7;
  const auto b = sys.spawn<counter_actor>(start);
  EXPECT_EQ(sys.ask(b, get{}), 7);
}

TEST(Spawn, TakesOptionsBeforeTheArguments) {
  std::atomic<int> seen{0};
  system sys;
  const spawn_options named{.name = "a counter"};
  EXPECT_EQ(sys.ask(sys.spawn<counter_actor>(named, 3), get{}), 3);
  EXPECT_EQ(sys.ask(sys.spawn<counter_actor>(spawn_options{.prio = priority::low}, 4), get{}), 4);
  spawn_options changeable;
  EXPECT_EQ(sys.ask(sys.spawn<counter_actor>(changeable), get{}), 0);
  sys.spawn(
      named, [&](context&, int x) { seen = x; }, 5);
  EXPECT_TRUE(eventually([&] { return seen == 5; }));
}

TEST(Spawn, ADirectBodyGetsItsArgumentsMovedIn) {
  system sys;
  std::atomic<int> sum{0};
  auto p = std::make_unique<int>(30);
  const char text[] = "four";
  const int lvalue = 5;
  sys.spawn([&sum](context&, std::unique_ptr<int> owned, std::string s,
                   int n) { sum = *owned + static_cast<int>(s.size()) + n; },
            std::move(p), text, lvalue);
  sys.await_actors();
  EXPECT_EQ(sum, 39);
  EXPECT_EQ(p, nullptr);
}

void free_body(context&, std::atomic<int>* out, int n) { *out = n; }

TEST(Spawn, ABodyMayBeAFunctionAFunctorOrAMutableLambda) {
  system sys;
  std::atomic<int> a{0};
  sys.spawn(free_body, &a, 1);
  sys.spawn(&free_body, &a, 1);
  struct functor {
    void operator()(context&) { *out += ++calls; }
    std::atomic<int>* out;
    int calls = 0;
  } f{.out = &a};
  sys.await_actors();
  EXPECT_EQ(a, 1);
  sys.spawn(f);  // a copy
  sys.spawn(f);
  sys.spawn([&a, n = 10](context&) mutable { a += ++n; });
  sys.await_actors();
  EXPECT_EQ(a, 1 + 1 + 1 + 11);
  EXPECT_EQ(f.calls, 0);
}

TEST(Spawn, ATypedDirectActorIsKnownByItsSignatures) {
  system sys;
  const actor_ref<void(add), int(get)> c = sys.spawn<void(add), int(get)>(
      [](context& self, int n) {
        for (;;) {
          self.receive([&](add a) { n += a.n; }, [&](get) { return n; });
        }
      },
      10);
  c.send(add{5});
  EXPECT_EQ(sys.ask(c, get{}), 15);
  c.kill();
  sys.await_actors();
}

TEST(Spawn, AnUntypedDirectActorGivesAnAnyRef) {
  system sys;
  std::atomic<int> got{0};
  const any_ref r = sys.spawn([&](context& self) { self.receive([&](add a) { got = a.n; }); });
  EXPECT_TRUE(r);
  r.send(add{9});
  sys.await_actors();
  EXPECT_EQ(got, 9);
  EXPECT_FALSE(r.alive());
}

TEST(Spawn, DestroysTheBodyAndItsArgumentsWhenItEnds) {
  std::atomic<int> alive{0};
  {
    system sys;
    for (int i = 0; i < 100; ++i) {
      sys.spawn([t = tracked(alive)](context&, const tracked&) {}, tracked(alive));
    }
    sys.await_actors();
    EXPECT_EQ(alive, 0);
  }
}

struct big_actor : actor<std::uint64_t(get)> {
  explicit big_actor(std::atomic<int>& alive) : life(alive) { ballast.fill(0x5a); }
  std::uint64_t on(get) {
    std::uint64_t sum = 0;
    for (const auto b : ballast) sum += b;
    return sum;
  }
  tracked life;
  std::array<std::uint8_t, 4096> ballast{};
};

struct alignas(64) aligned_actor : actor<bool(get)> {
  bool on(get) const { return reinterpret_cast<std::uintptr_t>(this) % 64 == 0; }
};

TEST(Spawn, ActorsMayBeBigOrOverAligned) {
  std::atomic<int> alive{0};
  {
    system sys;
    const auto big = sys.spawn<big_actor>(alive);
    EXPECT_EQ(sys.ask(big, get{}), 4096U * 0x5a);
    EXPECT_TRUE(sys.ask(sys.spawn<aligned_actor>(), get{}));
    EXPECT_EQ(alive, 1);
    struct alignas(128) block {
      std::array<char, 256> bytes{};
    };
    std::atomic<bool> aligned{false};
    sys.spawn([&](context&,
                  const block& b) { aligned = reinterpret_cast<std::uintptr_t>(&b) % 128 == 0; },
              block{});
    EXPECT_TRUE(eventually([&] { return sys.actor_count() == 2; }));
    EXPECT_TRUE(aligned);
  }
  EXPECT_EQ(alive, 0);
}

struct throwing_constructor : actor<void(add)> {
  explicit throwing_constructor(std::atomic<int>& alive) : life(alive) {
    throw std::runtime_error("constructor");
  }
  void on(add) {}
  tracked life;
  std::array<char, 100> ballast{};
};

struct small_throwing_constructor : actor<void(add)> {
  explicit small_throwing_constructor(int) { throw std::runtime_error("small"); }
  void on(add) {}
};

TEST(Spawn, PassesOnWhatTheConstructorThrowsAndLeavesNothingBehind) {
  std::atomic<int> alive{0};
  system sys;
  for (std::size_t i = 0; i < scaled(20'000); ++i) {
    EXPECT_THROW(sys.spawn<throwing_constructor>(spawn_options{.name = "never"}, alive),
                 std::runtime_error);
    EXPECT_THROW(sys.spawn<small_throwing_constructor>(1), std::runtime_error);
  }
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(sys.actor_count(), 0U);
  EXPECT_EQ(sys.dead_letter_count(), 0U);
  sys.await_actors();
  EXPECT_TRUE(sys.shutdown(std::chrono::seconds(60)).clean());
}

TEST(Spawn, AnArgumentThatCannotBeCopiedIntoTheActorThrowsInSpawn) {
  struct explosive {
    explosive() = default;
    explosive(const explosive&) { throw std::runtime_error("copy"); }
  };
  system sys;
  const explosive e;
  EXPECT_THROW(sys.spawn([](context&, const explosive&) {}, e), std::runtime_error);
  EXPECT_THROW(sys.spawn(
                   spawn_options{.stack_size = 64 * 1024}, [](context&, const explosive&) {}, e),
               std::runtime_error);
  EXPECT_EQ(sys.actor_count(), 0U);
}

TEST(Spawn, ABodyThatThrowsEndsTheActorAndNothingElse) {
  std::atomic<int> failures{0};
  system sys({.on_failure = [&](const failure& f) {
    EXPECT_EQ(f.what, "body");
    EXPECT_EQ(f.name, "doomed");
    EXPECT_NE(f.id, 0U);
    ++failures;
  }});
  const auto c = sys.spawn<counter_actor>(1);
  for (int i = 0; i < 50; ++i) {
    sys.spawn(spawn_options{.name = "doomed"}, [](context&) { throw std::runtime_error("body"); });
  }
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
  EXPECT_EQ(failures, 50);
  EXPECT_EQ(sys.ask(c, get{}), 1);
}

struct needs_self : actor<bool(get)> {
  needs_self() {
    try {
      self();
    } catch (const std::logic_error&) {
      refused = true;
    }
  }
  bool on(get) { return refused && self().ref().alive(); }
  bool refused = false;
};

TEST(Spawn, SelfIsRefusedInTheConstructor) {
  system sys;
  EXPECT_TRUE(sys.ask(sys.spawn<needs_self>(), get{}));
}

TEST(Spawn, WorksFromManyThreadsAtOnce) {
  system sys({.workers = 2});
  constexpr int threads = 4;
  const int each = static_cast<int>(scaled(2000));
  std::atomic<long> sum{0};
  {
    std::vector<std::jthread> spawners;
    for (int t = 0; t < threads; ++t) {
      spawners.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          if ((i + t) % 2 == 0) {
            sys.spawn([&sum](context&, int n) { sum += n; }, i);
          } else {
            const auto c = sys.spawn<counter_actor>(i);
            sys.spawn([&sum, c](context& self) {
              sum += self.ask(c, get{});
              any_ref(c).kill();
            });
          }
        }
      });
    }
  }
  sys.await_actors();
  EXPECT_EQ(sum, static_cast<long>(threads) * each * (each - 1) / 2);
}

/// Spawns two children down to depth 0; answers the number of leaves.
int count_leaves(context& self, int depth) {
  if (depth == 0) return 1;
  const auto child = [depth](context& inner) {
    const int leaves = count_leaves(inner, depth - 1);
    inner.receive([&](get) { return leaves; });
  };
  const auto left = self.spawn<int(get)>(child);
  const auto right = self.spawn<int(get)>(child);
  return self.ask(left, get{}) + self.ask(right, get{});
}

TEST(Spawn, ActorsMaySpawnActors) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    std::atomic<int> leaves{0};
    sys.spawn([&](context& self) { leaves = count_leaves(self, 9); });
    sys.await_actors();
    EXPECT_EQ(leaves, 512);
    EXPECT_EQ(sys.dead_letter_count(), 0U);
  }
}

struct base_handlers {
  int on(get) { return 1; }
};
struct mixed_handlers : actor<void(add), int(get), std::string(std::string)>, base_handlers {
  using base_handlers::on;
  void on(const add&) {}
  std::string on(std::string&& s) { return std::move(s) + "!"; }
};

TEST(Spawn, HandlersMayTakeTheirMessageInAnyWayAndBeInherited) {
  system sys;
  const auto a = sys.spawn<mixed_handlers>();
  a.send(add{1});
  EXPECT_EQ(sys.ask(a, get{}), 1);
  EXPECT_EQ(sys.ask(a, std::string("hello")), "hello!");
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::scaled;

struct add {
  int n;
};
struct get {};

struct sum_actor : actor<void(add), long(get)> {
  void on(add a) { sum += a.n; }
  long on(get) const { return sum; }
  long sum = 0;
};

static_assert(std::is_trivially_copyable_v<any_ref> && sizeof(any_ref) == 16);
static_assert(std::is_trivially_copyable_v<ref_of<sum_actor>> && sizeof(ref_of<sum_actor>) == 16);
static_assert(std::is_convertible_v<ref_of<sum_actor>, actor_ref<void(add)>>);
static_assert(std::is_convertible_v<ref_of<sum_actor>, actor_ref<long(get), void(add)>>);
static_assert(std::is_convertible_v<ref_of<sum_actor>, any_ref>);
static_assert(!std::is_convertible_v<actor_ref<void(add)>, ref_of<sum_actor>>);
static_assert(!std::is_convertible_v<any_ref, actor_ref<void(add)>>);
static_assert(!std::is_convertible_v<actor_ref<void(add)>, actor_ref<int(add)>>);

TEST(Send, WorksFromEveryThread) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    const auto sink = sys.spawn<sum_actor>();
    constexpr int threads = 8;
    const int each = static_cast<int>(scaled(20'000));
    {
      std::vector<std::jthread> senders;
      for (int t = 0; t < threads; ++t) {
        senders.emplace_back([&] {
          for (int i = 0; i < each; ++i) sink.send(add{i});
        });
      }
    }
    EXPECT_EQ(sys.ask(sink, get{}), static_cast<long>(threads) * each * (each - 1) / 2);
  }
}

TEST(Send, ThroughAnEmptyHandleIsALogicError) {
  EXPECT_THROW(any_ref().send(1), std::logic_error);
  EXPECT_THROW(actor_ref<void(add)>().send(add{1}), std::logic_error);
  EXPECT_THROW(any_ref().kill(), std::logic_error);
  EXPECT_FALSE(any_ref());
  EXPECT_FALSE(actor_ref<void(add)>());
  EXPECT_FALSE(any_ref().alive());
  EXPECT_EQ(any_ref().id(), 0U);
}

TEST(Handle, NarrowsToFewerSignatures) {
  system sys;
  const auto wide = sys.spawn<sum_actor>();
  const actor_ref<void(add)> adder = wide;
  const actor_ref<long(get)> getter = wide;
  adder.send(add{4});
  EXPECT_EQ(sys.ask(getter, get{}), 4);
  const any_ref any = adder;
  any.send(add{5});
  const auto back = any.as<actor_ref<long(get), void(add)>>();
  EXPECT_EQ(sys.ask(back, get{}), 9);
  EXPECT_EQ(any, any_ref(wide));
  EXPECT_EQ(wide.id(), any.id());
}

TEST(Handle, ComparesAndHashesByActor) {
  system sys;
  const any_ref a = sys.spawn<sum_actor>();
  const any_ref b = sys.spawn<sum_actor>();
  EXPECT_NE(a, b);
  EXPECT_NE(a.id(), b.id());
  EXPECT_TRUE((a < b) != (b < a));
  std::unordered_set<any_ref> set{a, b, a};
  EXPECT_EQ(set.size(), 2U);
  std::unordered_set<actor_ref<void(add)>> typed{a.as<actor_ref<void(add)>>()};
  EXPECT_TRUE(typed.contains(a.as<actor_ref<void(add)>>()));
}

struct whoami {};
struct introduces_sender : actor<any_ref(whoami), void(add)> {
  any_ref on(whoami) { return self().sender(); }
  void on(add) { last = self().sender(); }
  any_ref last;
};

TEST(Handle, SenderIsTheActorThatSentTheMessageBeingHandled) {
  std::atomic<int> correct{0};
  system sys;
  const auto r = sys.spawn<introduces_sender>();
  sys.spawn([&, r](context& self) {
    EXPECT_FALSE(self.sender());
    if (self.ask(r, whoami{}) == self.ref()) ++correct;
  });
  const any_ref direct = sys.spawn([&](context& self) {
    self.receive([&](add) { EXPECT_FALSE(self.sender()) << "a thread sent it"; });
    self.receive([&](add) {
      const any_ref first = self.sender();
      EXPECT_TRUE(first);
      self.receive([&](whoami) { EXPECT_NE(self.sender(), first); });
      EXPECT_EQ(self.sender(), first) << "after a nested receive";
      ++correct;
    });
    EXPECT_FALSE(self.sender());
  });
  direct.send(add{1});
  sys.spawn([direct](context& self) {
    direct.send(add{1});
    self.spawn([direct](context&) { direct.send(whoami{}); });
  });
  EXPECT_TRUE(eventually([&] { return correct == 2 && sys.actor_count() == 1; }));
}

TEST(Send, AnActorMaySendToItself) {
  struct self_sender : actor<void(add), long(get)> {
    void on(add a) {
      total += a.n;
      if (a.n > 0) self().ref<void(add)>().send(add{a.n - 1});
    }
    long on(get) const { return total; }
    long total = 0;
  };
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    const auto r = sys.spawn<self_sender>();
    r.send(add{1000});
    EXPECT_TRUE(eventually([&] { return sys.ask(r, get{}) == 1000L * 1001 / 2; }));
  }
}

}  // namespace
}  // namespace troupe

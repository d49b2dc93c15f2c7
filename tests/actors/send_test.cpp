// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::random_choices;
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

// ---- order

struct numbered {
  std::size_t sender;
  std::uint64_t number;
};
struct expect_total {
  std::uint64_t n;
};

/// Checks that each sender's numbers come in order, each once.
class order_check {
 public:
  explicit order_check(std::size_t senders) : next_(senders) {}
  void see(const numbered& m) {
    if (next_[m.sender]++ != m.number) ++mistakes_;
    ++seen_;
  }
  std::uint64_t seen() const { return seen_; }
  std::uint64_t mistakes() const { return mistakes_; }

 private:
  std::vector<std::uint64_t> next_;
  std::uint64_t seen_ = 0;
  std::uint64_t mistakes_ = 0;
};

struct report {
  std::uint64_t seen;
  std::uint64_t mistakes;
};

struct handler_receiver : actor<void(numbered), report(get)> {
  explicit handler_receiver(std::size_t senders) : check(senders) {}
  void on(const numbered& m) { check.see(m); }
  report on(get) const { return {check.seen(), check.mistakes()}; }
  order_check check;
};

/// Now and then waits in the middle of a handler, for a message or for time.
struct waiting_receiver : actor<void(numbered), report(get)> {
  explicit waiting_receiver(std::size_t senders) : check(senders), random(1000) {}
  void on(const numbered& m) {
    check.see(m);
    if (random.one_in(50)) {
      // Takes the oldest of one sender, out of the middle of the others.
      const std::size_t wanted = random.up_to(1);
      self().receive(when([&](const numbered& n) { return n.sender == wanted; },
                          [&](const numbered& n) { check.see(n); }),
                     after(std::chrono::nanoseconds(0)));
    } else if (random.one_in(200)) {
      self().sleep_for(std::chrono::microseconds(10));
    } else if (random.one_in(20)) {
      self().yield();
    }
  }
  report on(get) const { return {check.seen(), check.mistakes()}; }
  order_check check;
  random_choices random;
};

void direct_receiver(context& self, std::size_t senders) {
  order_check check(senders);
  random_choices random(2000);
  for (;;) {
    const std::size_t wanted = random.up_to(senders - 1);
    if (random.one_in(3)) {
      self.receive(when([&](const numbered& n) { return n.sender == wanted; },
                        [&](const numbered& n) { check.see(n); }),
                   after(std::chrono::nanoseconds(0)));
    }
    self.receive([&](const numbered& n) { check.see(n); },
                 [&](get) {
                   return report{check.seen(), check.mistakes()};
                 });
  }
}

/// Half of the senders are actors, half are threads; all stutter at random.
void check_order(system& sys, const actor_ref<void(numbered), report(get)>& to, std::size_t senders,
                 std::uint64_t each) {
  const auto send_all = [to, each](std::size_t sender, auto&& pause) {
    random_choices random(sender);
    for (std::uint64_t i = 0; i < each; ++i) {
      to.send(numbered{sender, i});
      if (random.one_in(100)) pause();
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t s = 0; s < senders; ++s) {
    if (s % 2 == 0) {
      threads.emplace_back([=] { send_all(s, [] { std::this_thread::yield(); }); });
    } else {
      sys.spawn([=](context& self) { send_all(s, [&] { self.yield(); }); });
    }
  }
  threads.clear();
  EXPECT_TRUE(eventually([&] { return sys.ask(to, get{}).seen == senders * each; }));
  EXPECT_EQ(sys.ask(to, get{}).mistakes, 0U) << test::seed_message();
}

class SendOrder : public testing::TestWithParam<std::size_t> {};

TEST_P(SendOrder, IsKeptForEachSenderByHandlers) {
  system sys({.workers = GetParam()});
  check_order(sys, sys.spawn<handler_receiver>(6U), 6, scaled(5000));
}

TEST_P(SendOrder, IsKeptForEachSenderByHandlersThatWait) {
  system sys({.workers = GetParam()});
  check_order(sys, sys.spawn<waiting_receiver>(6U), 6, scaled(3000));
}

TEST_P(SendOrder, IsKeptForEachSenderBySelectiveReceive) {
  system sys({.workers = GetParam()});
  check_order(sys, sys.spawn<void(numbered), report(get)>(direct_receiver, std::size_t{6}), 6,
              scaled(2000));
}

TEST_P(SendOrder, IsKeptWithOneMessagePerActivation) {
  system sys({.workers = GetParam(), .messages_per_activation = 1});
  check_order(sys, sys.spawn<handler_receiver>(6U), 6, scaled(3000));
}

INSTANTIATE_TEST_SUITE_P(Workers, SendOrder, testing::Values(1, 2, 4),
                         testing::PrintToStringParamName());

// ---- what a message may be

template <std::size_t Size>
struct sized {
  std::array<std::uint8_t, Size> bytes{};
  explicit sized(std::uint8_t first) { std::iota(bytes.begin(), bytes.end(), first); }
  bool intact(std::uint8_t first) const {
    std::array<std::uint8_t, Size> expected{};
    std::iota(expected.begin(), expected.end(), first);
    return bytes == expected;
  }
};

template <std::size_t... Sizes>
struct sized_receiver : actor<bool(sized<Sizes>)...> {
  template <std::size_t Size>
  bool on(const sized<Size>& m) {
    return m.intact(static_cast<std::uint8_t>(Size));
  }
};

template <std::size_t... Sizes>
void send_sizes(system& sys) {
  const auto r = sys.spawn<sized_receiver<Sizes...>>();
  for (int i = 0; i < 100; ++i) {
    const bool intact = (sys.ask(r, sized<Sizes>(static_cast<std::uint8_t>(Sizes))) && ...);
    ASSERT_TRUE(intact);
  }
}

TEST(Send, MessagesOfAnySizeArriveIntact) {
  system sys;
  send_sizes<1, 8, 23, 24, 25, 32, 87, 88, 89, 128, 215, 216, 217, 256, 1024, 100'000>(sys);
}

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
  std::array<char, 8> text{'a', 'l', 'i', 'g', 'n', 'e', 'd', 0};
};

struct aligned_receiver
    : actor<bool(aligned<16>), bool(aligned<32>), bool(aligned<64>), bool(aligned<4096>)> {
  template <std::size_t Alignment>
  bool on(const aligned<Alignment>& m) {
    return reinterpret_cast<std::uintptr_t>(&m) % Alignment == 0 &&
           std::string(m.text.data()) == "aligned";
  }
};

TEST(Send, OverAlignedMessagesArriveAligned) {
  system sys;
  const auto r = sys.spawn<aligned_receiver>();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(sys.ask(r, aligned<16>{}));
    EXPECT_TRUE(sys.ask(r, aligned<32>{}));
    EXPECT_TRUE(sys.ask(r, aligned<64>{}));
    EXPECT_TRUE(sys.ask(r, aligned<4096>{}));
  }
}

using owned = std::unique_ptr<int>;

struct move_only_receiver : actor<owned(owned), void(std::vector<owned>)> {
  owned on(owned p) {
    ++*p;
    return p;
  }
  void on(std::vector<owned>&& v) { kept = std::move(v); }
  std::vector<owned> kept;
};

TEST(Send, MoveOnlyMessagesAndAnswersTravel) {
  system sys;
  const auto r = sys.spawn<move_only_receiver>();
  const owned back = sys.ask(r, std::make_unique<int>(1));
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(*back, 2);
  std::vector<owned> v;
  v.push_back(std::make_unique<int>(3));
  r.send(std::move(v));
  std::atomic<int> got{0};
  sys.spawn([&, r](context& self) { got = *self.ask(r, std::make_unique<int>(10)); });
  const any_ref d = sys.spawn([&](context& self) { self.receive([&](owned p) { got += *p; }); });
  EXPECT_TRUE(eventually([&] { return got == 11; }));
  d.send(std::make_unique<int>(100));
  EXPECT_TRUE(eventually([&] { return got == 111; }));
}

TEST(Send, AnLvalueIsCopiedAndKept) {
  system sys;
  struct keep : actor<void(std::string), std::string(get)> {
    void on(std::string s) { text += s; }
    std::string on(get) { return text; }
    std::string text;
  };
  const auto r = sys.spawn<keep>();
  std::string s(100, 'x');
  const std::string& constant = s;
  r.send(s);
  r.send(constant);
  EXPECT_EQ(s, std::string(100, 'x'));
  EXPECT_EQ(sys.ask(r, get{}), std::string(200, 'x'));
}

/// Counts the living; throws when it is copied and told to.
struct fragile {
  explicit fragile(std::atomic<long>& n, bool throws_when_copied = false)
      : alive(&n), throws(throws_when_copied) {
    ++*alive;
  }
  fragile(const fragile& other) : alive(other.alive), throws(other.throws) {
    if (throws) throw std::runtime_error("copy");
    ++*alive;
  }
  fragile& operator=(const fragile&) = delete;
  ~fragile() { --*alive; }
  std::atomic<long>* alive;
  bool throws;
};
struct big_fragile : fragile {
  using fragile::fragile;
  std::array<char, 500> ballast{};
};

struct fragile_receiver : actor<void(fragile), void(big_fragile), void(get)> {
  void on(const fragile&) { ++seen; }
  void on(big_fragile) { ++seen; }
  void on(get) {}
  int seen = 0;
};

TEST(Send, WhatTheMessagesConstructorThrowsComesOutOfSend) {
  std::atomic<long> alive{0};
  {
    system sys;
    const auto r = sys.spawn<fragile_receiver>();
    const fragile f(alive, true);
    const big_fragile b(alive, true);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_THROW(r.send(f), std::runtime_error);
      EXPECT_THROW(r.send(b), std::runtime_error);
    }
    EXPECT_EQ(alive, 2);
    sys.ask(r, get{});
  }
  EXPECT_EQ(alive, 0);
}

TEST(Send, EveryMessageIsDestroyedExactlyOnceWhateverBecomesOfIt) {
  std::atomic<long> alive{0};
  for (std::size_t round = 0; round < scaled(60); ++round) {
    system sys({.workers = 1 + round % 3});
    const auto handler = sys.spawn<fragile_receiver>();
    const any_ref direct = sys.spawn([](context& self) {
      self.receive([](get) {});
      for (int i = 0; i < 50; ++i) self.receive([](const big_fragile&) {});
    });
    const any_ref dead = sys.spawn([](context&) {});
    std::jthread sender([&] {
      for (int i = 0; i < 100; ++i) {
        handler.send(fragile(alive));
        direct.send(fragile(alive));
        direct.send(big_fragile(alive));
        dead.send(big_fragile(alive));
        any_ref(handler).send(std::make_unique<fragile>(alive));  // no handler
      }
    });
    direct.send(get{});
    if (round % 2 == 0) any_ref(handler).kill();
    sender.join();
  }
  EXPECT_EQ(alive, 0);
}

// ---- handles

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
  system sys;
  const auto r = sys.spawn<introduces_sender>();
  std::atomic<int> correct{0};
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

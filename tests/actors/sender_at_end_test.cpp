// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Who sends while it ends, or when it has ended, is known by the handle that it had in its life.
#include <troupe/troupe.hpp>

#include <support/eventually.hpp>
#include <actors/quiet.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;

struct go {};
struct get {};
struct bye {};

struct dying : actor<void(go)> {
  explicit dying(const any_ref& t) : to(t) {}
  ~dying() { to.send(bye{}); }
  void on(go) { self().quit(); }
  any_ref to;
};

struct innocent : actor<int(get)> {
  int on(get) { return 42; }
};

/// An actor that gets the place of one that has ended; empty if none does.
ref_of<innocent> spawn_in_place_of(context& self, const any_ref& ended) {
  constexpr std::uint64_t slot = 0xffffffff;
  for (int i = 0; i < 1'000; ++i) {
    const auto one = self.spawn<innocent>();
    if ((any_ref(one).id() & slot) == (ended.id() & slot)) return one;
    any_ref(one).kill();
  }
  return {};
}

TEST(SenderAtEnd, OfADestructorsMessageIsTheActorThatHasEndedAndNoOther) {
  system sys({.workers = 1});
  std::atomic<int> done{0};
  sys.spawn([&](context& self) {
    const auto victim = self.spawn<dying>(self.ref());
    victim.send(go{});
    any_ref sender;
    self.receive([&](bye) { sender = self.sender(); });
    EXPECT_EQ(sender, any_ref(victim));
    EXPECT_FALSE(sender.alive());
    self.monitor(sender);
    EXPECT_TRUE(self.receive([&](const down& d) { EXPECT_EQ(d.actor, sender); }, after(1min)));
    const auto heir = spawn_in_place_of(self, sender);
    ASSERT_TRUE(any_ref(heir).alive());
    sender.kill();
    sender.send(get{});
    EXPECT_EQ(self.ask(heir, get{}), 42);
    any_ref(heir).kill();
    EXPECT_FALSE(self.receive([](const down&) {}, after(20ms)));
    ++done;
  });
  sys.await_actors();
  EXPECT_EQ(done, 1);
}

// The hook runs on whatever actor has found out, here one that ends with mail.
TEST(SenderAtEnd, OfAMessageFromOnDeadLetterIsNobodyWhoLives) {
  any_ref told;
  std::atomic<int> alive{0};
  std::atomic<int> heard{0};
  system sys({.workers = 1, .on_dead_letter = [&](const dead_letter&) { told.send(bye{}); }});
  const auto listener = sys.spawn([&](context& self) {
    for (;;) {
      self.receive([&](bye) {
        alive += self.sender().alive() ? 1 : 0;
        if (self.sender() != any_ref()) self.sender().kill();
        ++heard;
      });
    }
  });
  told = listener;
  for (int i = 0; i < 50; ++i) {
    const auto victim = sys.spawn([](context& self) { self.receive([](go) {}); });
    for (int n = 0; n < 3; ++n) victim.send(bye{});
    victim.send(go{});
  }
  EXPECT_TRUE(eventually([&] { return heard >= 150; }));
  EXPECT_EQ(alive, 0);
  const auto other = sys.spawn<innocent>();
  EXPECT_EQ(sys.ask(other, get{}), 42);
  listener.kill();
  any_ref(other).kill();
  sys.await_actors();
}

// What waits there gets its wake-up, although its actor has ended.
TEST(SenderAtEnd, MayWaitInOnDeadLetter) {
  std::atomic<system*> home{nullptr};
  std::atomic<int> done{0};
  system sys({.workers = 1, .on_dead_letter = [&](const dead_letter&) {
                counter jobs;
                home.load()->run([&] { ++done; }, jobs);
                jobs.wait();
                ++done;
              }});
  home = &sys;
  const auto victim = sys.spawn([](context& self) { self.receive([](go) {}); });
  victim.send(bye{});
  victim.send(go{});
  EXPECT_TRUE(eventually([&] { return done == 2; }));
  sys.await_actors();
}

/// A message that asks when nobody has handled it.
struct last_words {
  last_words(context& s, ref_of<innocent> t, std::atomic<int>& a) : self(s), to(t), answers(&a) {}
  last_words(const last_words&) = delete;
  last_words& operator=(const last_words&) = delete;
  ~last_words() {
    std::error_code error;
    if (self.ask(to, get{}, 1min, error) == 42) ++*answers;
  }
  context self;
  ref_of<innocent> to;
  std::atomic<int>* answers;
};

/// Writes to who asks, too.
struct talkative : actor<int(get)> {
  int on(get) {
    self().sender().send(bye{});
    return 42;
  }
};

// It is known by what is left of it, which is no actor, with a bound or without.
TEST(SenderAtEnd, OfAMessagesDestructorMayAskAndIsSentNothing) {
  for (const std::size_t capacity : {0U, 4U}) {
    system sys({.workers = 2});
    const auto target = sys.spawn<talkative>();
    const ref_of<innocent> asked = any_ref(target).as<ref_of<innocent>>();
    std::atomic<int> answers{0};
    const any_ref asker =
        sys.spawn(spawn_options{.mailbox = {.capacity = capacity}}, [&](context& self) {
          self.ref().send(std::make_shared<last_words>(self, asked, answers));
        });
    EXPECT_TRUE(eventually([&] { return answers == 1; }));
    EXPECT_FALSE(asker.alive());
    EXPECT_TRUE(sys.shutdown(1min).clean());
    EXPECT_GE(sys.dead_letter_count(), 2U);
  }
}

/// Its destructor throws what is to be its exit reason.
struct explosive {
  bool armed = true;
  explosive() = default;
  explosive(explosive&& other) noexcept : armed(std::exchange(other.armed, false)) {}
  explosive& operator=(explosive&&) = delete;
  ~explosive() noexcept(false) {
    if (armed) throw std::runtime_error("boom");
  }
};

TEST(SenderAtEnd, ADestructorThatThrowsGivesTheExitReason) {
  system sys(test::quiet(1));
  std::string reason;
  sys.spawn([&](context& self) {
    const any_ref failing =
        self.spawn([](context& inner, explosive&&) { inner.receive([](go) {}); }, explosive());
    self.monitor(failing);
    failing.send(go{});
    self.receive([&](const down& d) { reason = d.reason.what(); });
  });
  sys.await_actors();
  EXPECT_EQ(reason, "boom");
}

TEST(SenderAtEnd, ADestructorThatWaitsAndLetsThatOutEndsItsActorOnly) {
  struct waiting {
    bool armed = true;
    waiting() = default;
    waiting(waiting&& other) noexcept : armed(std::exchange(other.armed, false)) {}
    waiting& operator=(waiting&&) = delete;
    ~waiting() noexcept(false) {
      if (armed) troupe::sleep_for(1ms);
    }
  };
  system sys({.workers = 1});
  sys.spawn([](context&, waiting&&) {}, waiting());
  sys.await_actors();
  const auto other = sys.spawn<innocent>();
  EXPECT_EQ(sys.ask(other, get{}), 42);
  any_ref(other).kill();
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Requests to actors whose bounded mailbox is full.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <actors/asking.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <system_error>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::as_actor;
using test::error_of;
using test::eventually;
using test::get;
using test::scaled;
using test::set;

/// Handles nothing but `set` until one has come; its mailbox is full.
struct full_actor {
  explicit full_actor(overflow when_full, std::size_t workers = 2) : sys({.workers = workers}) {
    actor = sys.spawn<int(get), void(set)>(
        spawn_options{.mailbox = {.capacity = 1, .when_full = when_full}}, [this](context& self) {
          while (!open) self.sleep_for(100us);
          for (;;) self.receive([](get) { return 1; }, [](set) {});
        });
    actor.send(set{1});
  }
  std::atomic<bool> open{false};
  system sys;
  actor_ref<int(get), void(set)> actor;
};

TEST(BoundedAsk, OfAFullMailboxThatFailsIsMailboxFullInEveryForm) {
  full_actor full(overflow::fail);
  const any_ref any = full.actor;
  const auto check = [&](auto& asker) {
    EXPECT_EQ(error_of([&] { asker.ask(full.actor, get{}); }), errc::mailbox_full);
    EXPECT_EQ(error_of([&] { asker.ask(full.actor, get{}, 60s); }), errc::mailbox_full);
    EXPECT_EQ(error_of([&] { asker.template ask<int>(any, get{}); }), errc::mailbox_full);
    std::error_code error;
    EXPECT_EQ(asker.ask(full.actor, get{}, 60s, error), std::nullopt);
    EXPECT_EQ(error, errc::mailbox_full);
    error.clear();
    EXPECT_FALSE(asker.ask(full.actor, set{1}, 60s, error));
    EXPECT_EQ(error, errc::mailbox_full);
    error.clear();
    EXPECT_EQ(asker.template ask<int>(any, get{}, 60s, error), std::nullopt);
    EXPECT_EQ(error, errc::mailbox_full);
  };
  check(full.sys);
  as_actor(full.sys, [&](context& self) { check(self); });
  full.open = true;
  EXPECT_TRUE(eventually([&] {
    std::error_code error;
    return full.sys.ask(full.actor, get{}, 60s, error) == 1;
  }));
}

TEST(BoundedAsk, OfAFullMailboxThatSuspendsTimesOut) {
  full_actor full(overflow::suspend);
  const auto check = [&](auto& asker) {
    const auto begin = steady_clock::now();
    EXPECT_EQ(error_of([&] { asker.ask(full.actor, get{}, 3ms); }), errc::timeout);
    std::error_code error;
    EXPECT_EQ(asker.ask(full.actor, get{}, 3ms, error), std::nullopt);
    EXPECT_EQ(error, errc::timeout);
    EXPECT_GE(steady_clock::now() - begin, 6ms);
  };
  check(full.sys);
  as_actor(full.sys, [&](context& self) { check(self); });
  full.open = true;
  EXPECT_EQ(full.sys.ask(full.actor, get{}), 1) << "what has been given up takes no room";
}

TEST(BoundedAsk, ThatTimesOutAsRoomIsMadeHandsTheRoomOn) {
  std::atomic<std::size_t> ended{0};
  system sys({.workers = 2});
  const auto sink = sys.spawn<int(get)>(
      spawn_options{.mailbox = {.capacity = 1, .when_full = overflow::suspend}}, [](context& self) {
        for (;;) {
          self.receive([](get) { return 1; });
          self.sleep_for(50us);
        }
      });
  constexpr std::size_t askers = 6;
  for (std::size_t a = 0; a < askers; ++a) {
    sys.spawn([&, a](context& self) {
      for (std::size_t i = 0; i < scaled(200); ++i) {
        std::error_code error;
        // Every other asker waits as long as it takes: it must not be forgotten.
        const auto limit =
            a % 2 == 0 ? std::chrono::nanoseconds(300us) : std::chrono::nanoseconds::max();
        const auto answer = self.ask(sink, get{}, limit, error);
        EXPECT_TRUE(answer == 1 || (a % 2 == 0 && error == errc::timeout)) << error.message();
      }
      ++ended;
    });
  }
  EXPECT_TRUE(eventually([&] { return ended == askers; }));
}

}  // namespace
}  // namespace troupe

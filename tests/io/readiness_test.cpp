// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/readiness.hpp>

#include <support/effort.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace troupe::io::detail {
namespace {

using state = readiness::state;

TEST(Readiness, IsIdleUntilReported) {
  readiness r;
  EXPECT_EQ(r.clear(), state::idle);
  EXPECT_EQ(r.report(), nullptr);
  EXPECT_EQ(r.report(), nullptr);
  EXPECT_EQ(r.clear(), state::ready);
  EXPECT_EQ(r.clear(), state::idle);
  r.set_ready();
  EXPECT_TRUE(r.is_ready());
  EXPECT_EQ(r.clear(), state::ready);
}

TEST(Readiness, AReportTakesTheParkedEnvelope) {
  readiness r;
  envelope e;
  EXPECT_EQ(r.park(e), state::idle);
  EXPECT_TRUE(r.is_waited_for());
  EXPECT_EQ(r.clear(), state::waited_for);
  ASSERT_EQ(r.report(), &e);
  EXPECT_EQ(r.report(), nullptr);
  r.posted();
  EXPECT_FALSE(r.withdraw(e));
  EXPECT_EQ(r.clear(), state::ready);
}

TEST(Readiness, ParkingIsRefusedWhenThereIsNewsOrAnotherWaits) {
  readiness r;
  envelope first;
  envelope second;
  EXPECT_EQ(r.report(), nullptr);
  EXPECT_EQ(r.park(first), state::ready);
  r.clear();
  EXPECT_EQ(r.park(first), state::idle);
  EXPECT_EQ(r.park(second), state::waited_for);
  EXPECT_FALSE(r.withdraw(second));
  EXPECT_TRUE(r.withdraw(first));
  EXPECT_EQ(r.withdraw_any(), nullptr);
  EXPECT_EQ(r.park(second), state::idle);
  EXPECT_EQ(r.withdraw_any(), &second);
}

// An event of the slot's earlier life comes late, beside one of the present life.
TEST(Readiness, AReportBesideOneThatIsBeingPostedLeavesItToThatOneToSayReady) {
  readiness r;
  envelope first;
  envelope second;
  ASSERT_EQ(r.park(first), state::idle);
  ASSERT_EQ(r.report(), &first);
  EXPECT_EQ(r.report(), nullptr);
  ASSERT_FALSE(r.is_ready());  // the user could park again under the hands of the poster
  r.posted();
  EXPECT_EQ(r.clear(), state::ready);
  ASSERT_EQ(r.park(second), state::idle);
  EXPECT_EQ(r.report(), &second);
}

// A counter stands in for the socket: what the reporters add, the user takes. The user "waits" by
// watching a flag that a post sets. No unit is ever left behind while the user waits for good.
TEST(Readiness, NoReportIsLost) {
  const auto units = static_cast<std::uint64_t>(test::scaled(300'000));
  constexpr std::uint64_t reporters = 2;
  readiness r;
  std::atomic<std::uint64_t> added{0};
  std::atomic<bool> posted{false};
  const auto reporter = [&] {
    for (std::uint64_t i = 0; i < units; ++i) {
      added.fetch_add(1);
      if (r.report() != nullptr) {
        posted = true;
        r.posted();
      }
    }
  };
  std::thread one(reporter);
  std::thread other(reporter);
  envelope e;
  std::uint64_t taken = 0;
  std::uint64_t waits = 0;
  while (taken < reporters * units) {
    const state before = r.clear();
    ASSERT_NE(before, state::waited_for);
    if (before == state::ready) {
      taken = added.load();
      continue;
    }
    if (r.park(e) != state::idle) continue;
    ++waits;
    if (waits % 3 == 0 && r.withdraw(e)) continue;  // gives up
    while (!posted.exchange(false)) std::this_thread::yield();
  }
  one.join();
  other.join();
  EXPECT_EQ(taken, reporters * units);
}

}  // namespace
}  // namespace troupe::io::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/clock.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace troupe::detail {
namespace {

using std::chrono::nanoseconds;

TEST(Clock, NeverGoesBack) {
  std::uint64_t last = now_ns();
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t now = now_ns();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clock, AddsAWaitToTheTime) {
  EXPECT_EQ(deadline_after(100, nanoseconds(20)), 120U);
  EXPECT_EQ(deadline_after(100, std::chrono::milliseconds(1)), 1'000'100U);
}

TEST(Clock, HasNoWaitThatEndsInThePast) {
  EXPECT_EQ(deadline_after(100, nanoseconds(0)), 100U);
  EXPECT_EQ(deadline_after(100, nanoseconds(-20)), 100U);
  EXPECT_EQ(deadline_after(100, nanoseconds::min()), 100U);
}

TEST(Clock, NeverEndsAWaitBeyondItsRange) {
  EXPECT_EQ(deadline_after(never_ns - 20, nanoseconds(20)), never_ns);
  EXPECT_EQ(deadline_after(never_ns - 20, nanoseconds(19)), never_ns - 1);
  EXPECT_EQ(deadline_after(never_ns / 2 + 2, nanoseconds::max()), never_ns);
  EXPECT_EQ(deadline_after(never_ns, nanoseconds(1)), never_ns);
}

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/section.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace troupe::detail {
namespace {

TEST(Section, LastsAsLongAsItsObject) {
  EXPECT_FALSE(in_section());
  {
    const section outer;
    EXPECT_TRUE(in_section());
    {
      const section inner;
      EXPECT_TRUE(in_section());
    }
    EXPECT_TRUE(in_section());
  }
  EXPECT_FALSE(in_section());
}

TEST(Section, IsLeftByAnException) {
  try {
    const section guard;
    throw std::runtime_error("out");
  } catch (const std::runtime_error&) {
    EXPECT_FALSE(in_section());
  }
}

TEST(Section, MayBeEnteredAndLeftInDifferentPlaces) {
  enter_section();
  enter_section();
  EXPECT_TRUE(in_section());
  leave_section();
  EXPECT_TRUE(in_section());
  leave_section();
  EXPECT_FALSE(in_section());
}

thread_local int calls = 0;

void note_call() noexcept {
  EXPECT_FALSE(in_section());
  ++calls;
}

TEST(Section, CallsWhoAskedForThatWhenTheOutermostOneEnds) {
  calls = 0;
  for (int round = 1; round <= 3; ++round) {
    {
      const section outer;
      {
        const section inner;
        call_after_section(&note_call);
        call_after_section(&note_call);  // forgotten
      }
      EXPECT_TRUE(in_section());
      enter_section();
      leave_section();
      EXPECT_EQ(calls, round - 1);
    }
    EXPECT_EQ(calls, round);
    EXPECT_FALSE(in_section());
  }
  { const section without; }
  EXPECT_EQ(calls, 3);
}

TEST(Section, CallsWhenItIsLeftElsewhere) {
  calls = 0;
  enter_section();
  call_after_section(&note_call);
  leave_section();
  EXPECT_EQ(calls, 1);
}

TEST(Section, CallsNobodyWhoAskedOutside) {
  calls = 0;
  call_after_section(&note_call);
  { const section guard; }
  EXPECT_EQ(calls, 0);
}

TEST(Section, MayBeginAgainInTheCall) {
  calls = 0;
  enter_section();
  call_after_section([]() noexcept {
    const section again;
    call_after_section(&note_call);
  });
  leave_section();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(in_section());
}

TEST(Section, BelongsToItsThread) {
  const section guard;
  bool elsewhere = true;
  std::thread([&elsewhere] { elsewhere = in_section(); }).join();
  EXPECT_FALSE(elsewhere);
}

}  // namespace
}  // namespace troupe::detail

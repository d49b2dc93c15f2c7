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
      EXPECT_EQ(section_depth, 2);
    }
    EXPECT_EQ(section_depth, 1);
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

TEST(Section, BelongsToItsThread) {
  const section guard;
  bool elsewhere = true;
  std::thread([&elsewhere] { elsewhere = in_section(); }).join();
  EXPECT_FALSE(elsewhere);
}

}  // namespace
}  // namespace troupe::detail

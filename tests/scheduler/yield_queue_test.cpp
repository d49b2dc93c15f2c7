// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/yield_queue.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace troupe::detail {
namespace {

struct element {
  element* run_link = nullptr;
};

using queue = yield_queue<element>;

/// More than the ring has room for.
constexpr std::size_t many = std::size_t{2} * run_ring<element>::capacity;

TEST(YieldQueue, IsFirstInFirstOutBeyondTheRing) {
  queue q;
  std::vector<element> elements(many);
  EXPECT_TRUE(q.empty());
  for (element& e : elements) q.push(&e);
  for (std::size_t round = 0; round < 3; ++round) {
    for (element& e : elements) {
      ASSERT_EQ(q.pop(), &e);
      EXPECT_FALSE(q.empty());
      q.push(&e);
    }
  }
  for (element& e : elements) ASSERT_EQ(q.pop(), &e);
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(q.pop(), nullptr);
}

TEST(YieldQueue, AThiefTakesTheOldest) {
  queue q;
  queue mine;
  std::vector<element> elements(many);
  for (element& e : elements) q.push(&e);
  EXPECT_EQ(q.steal(mine), &elements[0]);
  EXPECT_EQ(mine.pop(), &elements[1]);
  std::size_t found = 2;
  while (mine.pop() != nullptr) ++found;
  EXPECT_EQ(q.pop(), &elements[found]);
  ++found;
  while (q.steal(mine) != nullptr) ++found;
  while (mine.pop() != nullptr) ++found;
  EXPECT_EQ(found, many);
  EXPECT_TRUE(q.empty());
}

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/atomic.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <type_traits>

namespace troupe::detail {
namespace {

static_assert(sizeof(atomic<void*>) == sizeof(void*));
static_assert(!std::is_convertible_v<atomic<int>, int>, "no access without an order");
static_assert(std::is_same_v<plain<int>, int>);

TEST(Atomic, BeginsWithZeroOrItsValue) {
  const atomic<int> zero;
  const atomic<int> seven(7);
  EXPECT_EQ(zero.load_relaxed(), 0);
  EXPECT_EQ(seven.load_acquire(), 7);
}

TEST(Atomic, AnswersWithThePreviousValue) {
  atomic<unsigned> value(12);
  EXPECT_EQ(value.exchange_acq_rel(10), 12U);
  EXPECT_EQ(value.fetch_add_acq_rel(5), 10U);
  EXPECT_EQ(value.fetch_sub_relaxed(3), 15U);
  EXPECT_EQ(value.fetch_or_seq_cst(3), 12U);
  EXPECT_EQ(value.fetch_and_seq_cst(5), 15U);
  EXPECT_EQ(value.load_seq_cst(), 5U);
}

TEST(Atomic, ShowsTheCurrentValueWhenAnExchangeFails) {
  atomic<int> value(1);
  int expected = 2;
  EXPECT_FALSE(value.compare_exchange_acq_rel(expected, 3));
  EXPECT_EQ(expected, 1);
  EXPECT_TRUE(value.compare_exchange_seq_cst(expected, 3));
  EXPECT_EQ(value.load_relaxed(), 3);
}

TEST(Atomic, BlocksAThreadUntilTheValueChanges) {
  atomic<int> value(0);
  std::thread other([&value] {
    value.store_release(1);
    value.notify_all();
  });
  value.wait_acquire(0);
  EXPECT_EQ(value.load_relaxed(), 1);
  other.join();
}

}  // namespace
}  // namespace troupe::detail

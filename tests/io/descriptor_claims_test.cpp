// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/descriptor_claims.hpp>

#include <support/effort.hpp>
#include <io/descriptors.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace troupe::io::detail {
namespace {

TEST(DescriptorClaims, AreForOneAtATime) {
  test::descriptor event = test::make_eventfd(0);
  const int number = event.get();
  EXPECT_TRUE(claim_descriptor(number));
  EXPECT_FALSE(claim_descriptor(number));
  EXPECT_TRUE(claim_descriptor(number + 1));  // its neighbours are others
  release_descriptor(number + 1);
  release_descriptor(number);
  EXPECT_TRUE(test::is_open(number));
  EXPECT_TRUE(claim_descriptor(number));
  close_descriptor(event.release());
  EXPECT_FALSE(test::is_open(number));
  EXPECT_TRUE(claim_descriptor(number));
  release_descriptor(number);
}

// Whoever is given a number by the kernel finds it free, however lately it was closed.
TEST(DescriptorClaims, OfNumbersThatAreUsedAgainSucceed) {
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < test::scaled(20'000); ++i) {
        test::descriptor event = test::make_eventfd(0);
        if (!claim_descriptor(event.get())) {
          ++refused;
        } else {
          close_descriptor(event.release());
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(refused, 0);
}

// Who claims a descriptor by mistake, while its owner closes it, does not get one that dies at
// once.
TEST(DescriptorClaims, ThatSucceedBesideACloseAreBehindIt) {
  std::atomic<int> number{-1};
  std::atomic<int> found_open{0};
  const std::size_t rounds = test::scaled(20'000);
  std::thread other([&] {
    for (std::size_t i = 0; i < rounds; ++i) {
      while (number == -1) std::this_thread::yield();
      while (!claim_descriptor(number)) std::this_thread::yield();
      if (test::is_open(number)) ++found_open;  // nobody opens any meanwhile
      release_descriptor(number);
      number = -1;
    }
  });
  for (std::size_t i = 0; i < rounds; ++i) {
    test::descriptor event = test::make_eventfd(0);
    const int mine = event.get();
    EXPECT_TRUE(claim_descriptor(mine));
    number = mine;
    close_descriptor(event.release());
    while (number != -1) std::this_thread::yield();
  }
  other.join();
  EXPECT_EQ(found_open, 0);
}

}  // namespace
}  // namespace troupe::io::detail

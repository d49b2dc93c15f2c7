// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/spin_lock.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

TEST(SpinLock, HoldsASectionWhileItIsLocked) {
  spin_lock lock;
  EXPECT_FALSE(in_section());
  {
    const std::scoped_lock hold(lock);
    EXPECT_TRUE(in_section());
  }
  EXPECT_FALSE(in_section());
}

TEST(SpinLock, LetsOneThreadInAtATime) {
  constexpr int threads = 4;
  constexpr std::uint64_t rounds = 20'000;
  spin_lock lock;
  std::uint64_t counter = 0;  // plain: TSan sees what is not excluded
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      for (std::uint64_t n = 0; n < rounds; ++n) {
        const std::scoped_lock hold(lock);
        ++counter;
      }
    });
  }
  for (std::thread& each : running) each.join();
  EXPECT_EQ(counter, threads * rounds);
}

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/internal/depot.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

/// What a depot's prepare_slots has been told.
struct preparation {
  static constexpr std::size_t most = 1'000'000;
  static inline std::array<atomic<bool>, most> ready{};
  static inline atomic<std::uint32_t> constructed{0};
  static inline atomic<std::uint32_t> unready{0};
  static inline atomic<bool> refuse{false};

  static void prepare(std::uint32_t first, std::uint32_t count) {
    if (refuse.load_relaxed()) throw std::system_error(ENOMEM, std::generic_category());
    for (std::uint32_t i = first; i < first + count; ++i) ready[i].store_release(true);
  }
  static void construct(void*, std::uint32_t number) {
    constructed.fetch_add_relaxed(1);
    if (!ready[number].load_acquire()) unready.fetch_add_relaxed(1);
  }
};

TEST(DepotGrowth, PreparesForSlotsBeforeTheyAreConstructed) {
  static constinit depot d(64, &preparation::construct, false, &preparation::prepare);
  std::vector<std::thread> takers;
  for (int i = 0; i < 4; ++i) {  // many slabs, which several threads add at a time
    takers.emplace_back([] {
      for (int k = 0; k < 50'000; ++k) static_cast<void>(d.take_one());
    });
  }
  for (std::thread& t : takers) t.join();
  EXPECT_GE(preparation::constructed.load_relaxed(), 200'000U);
  EXPECT_EQ(preparation::unready.load_relaxed(), 0U);

  // Where that fails, what there is is used up, and nothing is lost.
  preparation::refuse.store_relaxed(true);
  try {
    for (;;) static_cast<void>(d.take_one());
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code().value(), ENOMEM);
  }
  const std::uint32_t before = preparation::constructed.load_relaxed();
  EXPECT_THROW(static_cast<void>(d.take_one()), std::system_error);
  EXPECT_EQ(preparation::constructed.load_relaxed(), before);
  preparation::refuse.store_relaxed(false);
  EXPECT_NE(d.take_one(), nullptr);
  EXPECT_GT(preparation::constructed.load_relaxed(), before);
  EXPECT_EQ(preparation::unready.load_relaxed(), 0U);
}

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/store.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace {

using kv::entry;
using kv::hashed;

kv::value text(const char* letters) { return kv::value(std::string(letters)); }

TEST(Store, AnExpiredKeyIsGoneWhenItIsLookedAt) {
  kv::store keys;
  keys.set_time(1000);
  keys.set_expiry(keys.insert(hashed("a"), text("1")), 1500);
  EXPECT_NE(keys.find(hashed("a")), nullptr);
  keys.set_time(1499);
  EXPECT_NE(keys.find(hashed("a")), nullptr);
  keys.set_time(1500);
  EXPECT_EQ(keys.find(hashed("a")), nullptr);
  EXPECT_EQ(keys.size(), 0U);
  EXPECT_EQ(keys.expiring(), 0U);
  EXPECT_EQ(keys.statistics().expired, 1U);
}

TEST(Store, WalksSkipExpiredKeys) {
  kv::store keys;
  keys.set_expiry(keys.insert(hashed("a"), text("1")), 10);
  keys.insert(hashed("b"), text("2"));
  keys.set_time(10);
  std::string seen;
  keys.for_each([&](const kv::store::node& each) { seen += each.key; });
  for (std::uint64_t cursor = 0;;) {
    cursor = keys.scan(cursor, [&](const kv::store::node& each) { seen += each.key; });
    if (cursor == 0) break;
  }
  EXPECT_EQ(seen, "bb");
  EXPECT_EQ(keys.size(), 2U);
}

TEST(Store, ExpiredKeysAreRemovedInPortions) {
  kv::store keys;
  for (int i = 0; i < 10; ++i) {
    keys.set_expiry(keys.insert(hashed(std::to_string(i)), text("")), 100 + i);
  }
  EXPECT_EQ(keys.next_expiry(), 100);
  keys.set_time(107);
  EXPECT_TRUE(keys.remove_expired(3));
  EXPECT_EQ(keys.size(), 7U);
  EXPECT_FALSE(keys.remove_expired(100));
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.next_expiry(), 108);
  keys.flush();
  EXPECT_EQ(keys.next_expiry(), std::nullopt);
}

TEST(Store, CountsHitsAndMisses) {
  kv::store keys;
  keys.insert(hashed("a"), text(""));
  (void)keys.read(hashed("a"));
  (void)keys.read(hashed("b"));
  (void)keys.read(hashed("c"));
  EXPECT_EQ(keys.statistics().hits, 1U);
  EXPECT_EQ(keys.statistics().misses, 2U);
}

TEST(Store, ExpiryTimesFollowWhatIsDoneToKeys) {
  std::mt19937_64 random(troupe::test::seed());
  kv::store keys;
  std::map<std::string, std::int64_t> expected;  // when each key expires
  for (std::int64_t now = 1; now < 20'000; ++now) {
    keys.set_time(now);
    if (random() % 10 == 0) keys.remove_expired(random() % 4);
    std::erase_if(expected, [&](const auto& each) {
      return each.second != entry::never && each.second <= now;
    });
    const auto name = std::to_string(random() % 50);
    auto* const key = keys.find(hashed(name));
    ASSERT_EQ(key != nullptr, expected.contains(name));
    const auto later = now + 1 + static_cast<std::int64_t>(random() % 100);
    switch (key == nullptr ? 0 : random() % 4) {
      case 0:
        if (key == nullptr) {
          keys.insert(hashed(name), text(""));
          expected[name] = entry::never;
        }
        break;
      case 1:
        keys.erase(key);
        expected.erase(name);
        break;
      case 2:
        keys.set_expiry(key, later);
        expected[name] = later;
        break;
      default:
        keys.clear_expiry(key);
        expected[name] = entry::never;
        break;
    }
  }
  std::map<std::string, std::int64_t> all;
  keys.for_each([&](const kv::store::node& each) { all[each.key] = each.value.expires_at; });
  EXPECT_EQ(all, expected);
}

}  // namespace

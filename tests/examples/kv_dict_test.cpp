// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/dict.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace {

using table = kv::dict<int>;

std::string name(std::uint64_t i) { return "key:" + std::to_string(i); }

TEST(Dict, HoldsWhatAMapHoldsWhateverHappensToIt) {
  std::mt19937_64 random(troupe::test::seed());
  table dict;
  std::map<std::string, int> expected;
  for (int round = 0; round < 40; ++round) {
    const bool growing = random() % 2 == 0;
    for (int i = 0; i < 1500; ++i) {
      const auto key = name(random() % 3000);
      const auto hashed = kv::hashed(key);
      if (random() % 8 < (growing ? 6 : 1)) {
        if (auto* const found = dict.find(hashed)) {
          ASSERT_TRUE(expected.contains(key));
          found->value = i;
        } else {
          dict.insert(hashed, i);
        }
        expected[key] = i;
      } else {
        ASSERT_EQ(dict.erase(hashed), expected.erase(key) == 1);
      }
      ASSERT_EQ(dict.size(), expected.size());
    }
    std::map<std::string, int> all;
    dict.for_each(
        [&](const table::node& each) { ASSERT_TRUE(all.emplace(each.key, each.value).second); });
    ASSERT_EQ(all, expected);
  }
}

TEST(Dict, AScanSeesEveryLastingEntryExactlyOnceWhileTheTableGrowsAndShrinks) {
  std::mt19937_64 random(troupe::test::seed());
  for (int round = 0; round < 20; ++round) {
    table dict;
    std::set<std::string> lasting;
    for (int i = 0; i < 300; ++i) {
      const auto key = "lasting:" + name(random());
      lasting.insert(key);
      dict.insert(kv::hashed(key), 0);
    }
    std::multiset<std::string> seen;
    std::uint64_t cursor = 0;
    std::vector<std::string> passing;
    do {
      cursor = dict.scan(cursor, [&](const table::node& each) { seen.insert(each.key); });
      ASSERT_EQ(cursor & 0xffffU, 0U);
      const bool add = random() % 3 != 0;
      for (auto left = random() % 40; left != 0; --left) {
        if (add) {
          passing.push_back(name(random()));
          dict.insert(kv::hashed(passing.back()), 0);
        } else if (!passing.empty()) {
          dict.erase(kv::hashed(passing.back()));
          passing.pop_back();
        }
      }
      if (random() % 8 == 0) {
        for (const auto& each : passing) dict.erase(kv::hashed(each));
        passing.clear();
      }
    } while (cursor != 0);
    for (const auto& each : lasting) ASSERT_EQ(seen.count(each), 1U) << each;
  }
}

TEST(Dict, AnEmptyTableIsScannedInOneStep) {
  const table dict;
  EXPECT_EQ(dict.scan(0, [](const table::node&) { FAIL(); }), 0U);
}

TEST(Dict, MovingLeavesNothingBehind) {
  table dict;
  dict.insert(kv::hashed("a"), 1);
  table other(std::move(dict));
  EXPECT_EQ(other.size(), 1U);
  dict = table();
  EXPECT_EQ(dict.size(), 0U);
  EXPECT_EQ(dict.find(kv::hashed("a")), nullptr);
  dict.insert(kv::hashed("b"), 2);
  other = std::move(dict);
  EXPECT_EQ(other.find(kv::hashed("a")), nullptr);
  EXPECT_EQ(other.find(kv::hashed("b"))->value, 2);
}

}  // namespace

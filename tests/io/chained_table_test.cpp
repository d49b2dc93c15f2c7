// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/chained_table.hpp>

#include <support/effort.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace troupe::io::detail {
namespace {

struct node {
  std::uint64_t number = 0;
  node* link = nullptr;
};
struct by_number {
  static std::uint64_t key(const node& n) noexcept { return n.number; }
  static node*& next(node& n) noexcept { return n.link; }
};
using table = chained_table<node, by_number>;

TEST(ChainedTable, IsEmptyAtFirst) {
  table t;
  EXPECT_EQ(t.size(), 0U);
  EXPECT_EQ(t.find(1), nullptr);
  EXPECT_EQ(t.any(), nullptr);
}

TEST(ChainedTable, FindsWhatIsInItAtEverySize) {
  table t;
  std::vector<std::unique_ptr<node>> nodes;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    nodes.push_back(std::make_unique<node>(node{i}));
    t.insert(*nodes.back());
    for (const auto& each : nodes) ASSERT_EQ(t.find(each->number), each.get());
    ASSERT_EQ(t.find(i + 1), nullptr);
    ASSERT_EQ(t.size(), i);
  }
  while (node* const n = t.any()) t.remove(*n);
  EXPECT_EQ(t.size(), 0U);
}

// A look at every bucket for each node would take hours.
TEST(ChainedTable, IsEmptiedInLinearTime) {
  table t;
  std::vector<node> nodes(1'000'000);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    nodes[i].number = i + 1;
    t.insert(nodes[i]);
  }
  std::size_t taken = 0;
  while (node* const n = t.any()) {
    t.remove(*n);
    ++taken;
    if (taken % 1000 == 0) {  // what comes in between is found as well
      t.insert(*n);
      ASSERT_NE(t.any(), nullptr);
      t.remove(*n);
    }
  }
  EXPECT_EQ(taken, nodes.size());
  EXPECT_EQ(t.size(), 0U);
}

TEST(ChainedTable, ShowsEachNodeAlsoWhenItIsRemovedThen) {
  table t;
  std::vector<node> nodes(1000);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    nodes[i].number = i + 1;
    t.insert(nodes[i]);
  }
  std::size_t shown = 0;
  t.for_each([&](node& n) {
    ++shown;
    if (n.number % 3 != 0) t.remove(n);
  });
  EXPECT_EQ(shown, nodes.size());
  EXPECT_EQ(t.size(), nodes.size() / 3);
  for (const node& n : nodes) EXPECT_EQ(t.find(n.number) != nullptr, n.number % 3 == 0);
}

TEST(ChainedTable, AgreesWithAnotherTable) {
  SCOPED_TRACE(test::seed_message());
  test::random_choices random(0);
  table t;
  std::unordered_map<std::uint64_t, std::unique_ptr<node>> model;
  for (std::size_t i = 0; i < test::scaled(300'000); ++i) {
    const std::uint64_t key = random.up_to(20'000) << random.up_to(2) * 16;
    const auto found = model.find(key);
    ASSERT_EQ(t.find(key), found == model.end() ? nullptr : found->second.get());
    if (found == model.end()) {
      auto fresh = std::make_unique<node>(node{key});
      t.insert(*fresh);
      model.emplace(key, std::move(fresh));
    } else if (random.one_in(2)) {
      t.remove(*found->second);
      model.erase(found);
    }
    ASSERT_EQ(t.size(), model.size());
  }
}

}  // namespace
}  // namespace troupe::io::detail

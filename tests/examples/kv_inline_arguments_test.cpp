// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/protocol/inline_arguments.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace {

std::optional<std::vector<std::string>> split(std::string line) {
  std::vector<kv::argument> list;
  if (!kv::split_inline(line.data(), 0, line.size(), list)) return std::nullopt;
  const kv::arguments all(line.data(), list);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < all.size(); ++i) result.emplace_back(all[i]);
  return result;
}

using words = std::vector<std::string>;

TEST(InlineArguments, AreSeparatedByWhiteSpace) {
  EXPECT_EQ(split("set  a\tb "), (words{"set", "a", "b"}));
  EXPECT_EQ(split(""), words{});
  EXPECT_EQ(split(" \t "), words{});
}

TEST(InlineArguments, MayBeQuoted) {
  EXPECT_EQ(split("\"a b\" 'c d'"), (words{"a b", "c d"}));
  EXPECT_EQ(split("\"\" ''"), (words{"", ""}));
  EXPECT_EQ(split("foo\"bar\" x"), (words{"foobar", "x"}));
}

TEST(InlineArguments, DoubleQuotesKnowEscapes) {
  EXPECT_EQ(split(R"("\n\r\t\b\a\\\"\q")"), words{"\n\r\t\b\a\\\"q"});
  EXPECT_EQ(split(R"("\x41\xfF\x4")"), words{"A\xffx4"});
  EXPECT_EQ(split(R"('\n\'')"), words{R"(\n')"});
}

TEST(InlineArguments, UnbalancedQuotesAreRefused) {
  for (const auto* const line : {"\"a", "'a", "\"a\"b", "'a'b", "x \"", R"("\")", R"('\')"}) {
    EXPECT_EQ(split(line), std::nullopt) << line;
  }
}

}  // namespace

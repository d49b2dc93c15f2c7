// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/numbers.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace {

using kv::parse_integer;

TEST(Numbers, CanonicalIntegersAreParsed) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("7"), 7);
  EXPECT_EQ(parse_integer("-10"), -10);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
}

TEST(Numbers, AnythingElseIsNoInteger) {
  for (const auto* const text :
       {"", "-", "+1", " 1", "1 ", "01", "-0", "-01", "00", "1.0", "0x1", "a", "1a", "--1",
        "9223372036854775808", "-9223372036854775809", "99999999999999999999999999"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(Numbers, WordsAreTheSameInAnyCase) {
  EXPECT_TRUE(kv::same_word("GeT", "gEt"));
  EXPECT_FALSE(kv::same_word("get", "gets"));
  EXPECT_FALSE(kv::same_word("@", "`"));
  EXPECT_EQ(kv::lowercase("SETname_9"), "setname_9");
}

}  // namespace

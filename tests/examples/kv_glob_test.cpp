// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/glob.hpp>

#include <support/effort.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace {

using kv::glob_matches;

TEST(Glob, StarsAndQuestionMarksMatchAsInRedis) {
  EXPECT_TRUE(glob_matches("*", "anything"));
  EXPECT_TRUE(glob_matches("h?llo", "hello"));
  EXPECT_FALSE(glob_matches("h?llo", "hllo"));
  EXPECT_TRUE(glob_matches("h*llo", "heeeello"));
  EXPECT_TRUE(glob_matches("h*llo*", "hllo"));
  EXPECT_TRUE(glob_matches("*a*b*c", "xxaxxbbxxc"));
  EXPECT_FALSE(glob_matches("*a*b*c", "xxaxxbbxxcd"));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_FALSE(glob_matches("", "x"));
  EXPECT_FALSE(glob_matches("*", ""));
}

TEST(Glob, ClassesHoldRangesNegationAndEscapes) {
  EXPECT_TRUE(glob_matches("h[ae]llo", "hallo"));
  EXPECT_FALSE(glob_matches("h[ae]llo", "hillo"));
  EXPECT_TRUE(glob_matches("h[^e]llo", "hallo"));
  EXPECT_FALSE(glob_matches("h[^e]llo", "hello"));
  EXPECT_TRUE(glob_matches("h[c-a]llo", "hbllo"));
  EXPECT_TRUE(glob_matches("[\\]]", "]"));
  EXPECT_TRUE(glob_matches("[abc", "c"));
  EXPECT_FALSE(glob_matches("[abc", "d"));
}

TEST(Glob, ABackslashTakesTheMeaningFromTheNextCharacter) {
  EXPECT_TRUE(glob_matches("\\*", "*"));
  EXPECT_FALSE(glob_matches("\\*", "x"));
  EXPECT_TRUE(glob_matches("a\\", "a\\"));
}

TEST(Glob, APatternMadeToBacktrackEndsQuickly) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}

TEST(Glob, ALongTextDoesNotMakeALongPatternAnySlower) {
  std::string all_but_found = "*";
  all_but_found.append(500, 'a').append(500, '?').append("b");
  std::string text(10'000'000, 'a');  // in proportion to the product it would take ten minutes
  kv::glob pattern(all_but_found);
  for (std::size_t i = 0; i < troupe::test::scaled(20); ++i) EXPECT_FALSE(pattern.matches(text));
  EXPECT_FALSE(pattern.matches("b"));
  text.back() = 'b';
  EXPECT_TRUE(pattern.matches(text));
  EXPECT_TRUE(pattern.matches(text.substr(text.size() - 1001)));
  EXPECT_FALSE(pattern.matches(text.substr(text.size() - 1000)));
}

// In as many words of states as it takes.
TEST(Glob, BothWaysOfMatchingAgree) {
  constexpr std::array elements{"?", "*", "[^b-c]", "[a-c]", "\\a", "a", "b", "c"};
  std::mt19937_64 random(troupe::test::seed());
  int matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string pattern;
    std::string text;
    for (auto left = 1 + random() % 200; left != 0; --left) {
      const std::string_view element = elements[random() % elements.size()];
      pattern += element;
      if (element != "*" || random() % 2 == 0) text += element.size() == 1 ? element : "a";
    }
    if (text.empty()) continue;
    if (random() % 2 == 0) text[random() % text.size()] = 'b';
    const bool expected = glob_matches(pattern, text);
    if (expected) ++matched;
    ASSERT_EQ(kv::glob_automaton(pattern).matches(text), expected)
        << "pattern '" << pattern << "' text '" << text << "'";
  }
  EXPECT_GT(matched, 1000);
  EXPECT_LT(matched, 19'000);
}

}  // namespace

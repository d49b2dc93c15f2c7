// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/glob.hpp>

#include <gtest/gtest.h>

#include <string>

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

}  // namespace

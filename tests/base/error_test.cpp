// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/error.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <system_error>

namespace troupe {
namespace {

TEST(Error, HasASentenceOfItsOwnForEachCode) {
  std::set<std::string> sentences;
  const int last = static_cast<int>(errc::released);
  for (int code = static_cast<int>(errc::timeout); code <= last; ++code) {
    sentences.insert(category().message(code));
  }
  EXPECT_EQ(sentences.size(), static_cast<std::size_t>(last));
  EXPECT_EQ(sentences.count(category().message(9999)), 0U);
}

TEST(Error, ConvertsToAnErrorCodeOfItsCategory) {
  const std::error_code code = errc::actor_down;
  EXPECT_EQ(code.category(), category());
  EXPECT_STREQ(code.category().name(), "troupe");
  EXPECT_EQ(code.message(), "the actor has ended");
  EXPECT_EQ(code, errc::actor_down);
  EXPECT_NE(code, errc::actor_failed);
  EXPECT_TRUE(code);  // no code stands for success
}

TEST(Error, IsAStandardTimeOutWhereItIsATimeOut) {
  const std::error_code code = errc::timeout;
  EXPECT_EQ(code, std::errc::timed_out);
  EXPECT_NE(std::error_code(errc::stopping), std::errc::timed_out);
}

}  // namespace
}  // namespace troupe

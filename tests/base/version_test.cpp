// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/version.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(Version, LibraryAndHeadersAgreeInOneBuild) {
  EXPECT_EQ(troupe::library_version(), troupe::version_text);
}

TEST(Version, TextIsMadeOfTheThreeNumbers) {
  EXPECT_EQ(troupe::version_text, std::to_string(troupe::version_major) + "." +
                                      std::to_string(troupe::version_minor) + "." +
                                      std::to_string(troupe::version_patch));
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/support.hpp>

#include <gtest/gtest.h>

#include <array>
#include <new>
#include <string>

namespace {

using namespace kv;

// Memory that runs out is an exception in the middle of a command.
class Extend : public testing::Test {
 protected:
  template <class T, class F>
  void extend_key(F&& change) {
    const std::string bytes = "rpushkey";
    const std::array list{argument{0, 5, 0}, argument{5, 3, hash_of("key")}};
    call c{arguments(bytes.data(), list), out, 1024};
    extend<T>(keys, c, change);
  }

  store keys;
  reply_buffer out;
};

TEST_F(Extend, LeavesNoEmptyValueBehindWhenItFails) {
  const auto fail = [](auto&) { throw std::bad_alloc(); };
  EXPECT_THROW(extend_key<list_value>(fail), std::bad_alloc);
  EXPECT_THROW(extend_key<set_value>(fail), std::bad_alloc);
  EXPECT_THROW(extend_key<hash_value>(fail), std::bad_alloc);
  EXPECT_EQ(keys.size(), 0U);
}

TEST_F(Extend, KeepsWhatWasAddedBeforeItFailed) {
  const auto add_and_fail = [](list_value& list) {
    list.emplace_back("x");
    throw std::bad_alloc();
  };
  EXPECT_THROW(extend_key<list_value>(add_and_fail), std::bad_alloc);
  EXPECT_EQ(keys.size(), 1U);
  extend_key<set_value>([](set_value&) { FAIL(); });
  EXPECT_TRUE(out.view().starts_with("-WRONGTYPE"));
}

}  // namespace

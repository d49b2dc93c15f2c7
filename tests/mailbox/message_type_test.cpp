// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/detail/message_type.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace troupe::detail {

struct named {};

namespace {

struct counted {
  explicit counted(int& destroyed) : destroyed_(&destroyed) {}
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { ++*destroyed_; }

 private:
  int* destroyed_;
};

TEST(MessageType, IsOneObjectPerType) {
  EXPECT_EQ(&message_type_of<int>, &message_type_of<int>);
  EXPECT_NE(&message_type_of<int>, &message_type_of<long>);
  EXPECT_EQ(*message_type_of<named>.info, typeid(named));
}

TEST(MessageType, HasAReadableName) {
  EXPECT_EQ(message_type_of<int>.name(), "int");
  EXPECT_EQ(message_type_of<named>.name(), "troupe::detail::named");
  EXPECT_EQ(message_type_of<std::vector<named>>.name(),
            "std::vector<troupe::detail::named, std::allocator<troupe::detail::named> >");
}

TEST(MessageType, KnowsWhatNeedsNoDestruction) {
  EXPECT_EQ(message_type_of<int>.destroy, nullptr);
  EXPECT_EQ(message_type_of<named>.destroy, nullptr);
  EXPECT_NE(message_type_of<std::string>.destroy, nullptr);
  EXPECT_NE(message_type_of<std::unique_ptr<int>>.destroy, nullptr);
}

TEST(MessageType, DestroysInPlaceAndOnTheHeap) {
  int destroyed = 0;
  alignas(counted) std::byte memory[sizeof(counted)];
  message_type_of<counted>.destroy(::new (memory) counted(destroyed));
  EXPECT_EQ(destroyed, 1);
  message_type_of<counted>.free_boxed(std::make_unique<counted>(destroyed).release());
  EXPECT_EQ(destroyed, 2);
}

}  // namespace
}  // namespace troupe::detail

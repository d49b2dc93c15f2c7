// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/hashed_key.hpp>
#include <examples/kv_server/data/sip_hash.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

// The reference implementation's vectors: key 00 01 .. 0f, texts 00 01 02 .. of growing length.
TEST(SipHash, GivesThePublishedVectors) {
  const kv::sip_key key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
  const std::vector<std::uint64_t> expected{
      0x726fdb47dd0e0e31U, 0x74f839c593dc67fdU, 0x0d6c8009d9a94f5aU, 0x85676696d7fb7e2dU,
      0xcf2794e0277187b7U, 0x18765564cd99a68dU, 0xcbc9466e58fee3ceU, 0xab0200f58b01d137U,
      0x93f5f5799a932462U, 0x9e0082df0ba9e4b0U, 0x7a5dbbc594ddb9f3U, 0xf4b32f46226bada7U,
      0x751e8fbc860ee5fbU, 0x14ea5627c0843d90U, 0xf723ca908e7af2eeU, 0xa129ca6149be45e5U};
  std::string text;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((kv::sip_hash<2, 4>(key, text)), expected[i]) << "length " << i;
    text += static_cast<char>(i);
  }
}

TEST(HashedKey, EveryShardGetsItsPartOfTheKeys) {
  constexpr std::size_t shards = 7;
  std::vector<int> counts(shards);
  for (int i = 0; i < 7000; ++i)
    ++counts[kv::shard_of(kv::hash_of("key:" + std::to_string(i)), shards)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 250);
}

}  // namespace

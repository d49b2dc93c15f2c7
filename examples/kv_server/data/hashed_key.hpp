// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kv {

/// A key and its hash. The low half of the hash picks the shard, the high bits the bucket inside
/// it, so that the two choices are independent.
struct hashed_key {
  std::string_view text;
  std::uint64_t hash = 0;
};

/// The hash of all keys, fields and set members of this process. It is keyed by a number drawn at
/// start: nobody can prepare keys that collide.
[[nodiscard]] std::uint64_t hash_of(std::string_view text);

[[nodiscard]] inline hashed_key hashed(std::string_view text) { return {text, hash_of(text)}; }

/// The shard, of `shards`, that owns keys with this hash.
[[nodiscard]] inline std::size_t shard_of(std::uint64_t hash, std::size_t shards) {
  return static_cast<std::size_t>(((hash & 0xffff'ffffU) * shards) >> 32U);
}

}  // namespace kv

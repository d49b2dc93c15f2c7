// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kv {

struct sip_key {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

namespace detail {

struct sip_state {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  template <int Rounds>
  void absorb(std::uint64_t word) {
    v3 ^= word;
    for (int i = 0; i < Rounds; ++i) round();
    v0 ^= word;
  }
};

}  // namespace detail

/// SipHash (Aumasson, Bernstein), with C rounds for each word and D at the end: a keyed hash that
/// stays fast for short texts. <2, 4> is the published one, <1, 3> the usual choice for tables.
template <int C, int D>
[[nodiscard]] std::uint64_t sip_hash(sip_key key, std::string_view text) {
  static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");
  detail::sip_state state{key.low ^ 0x736f6d6570736575U, key.high ^ 0x646f72616e646f6dU,
                          key.low ^ 0x6c7967656e657261U, key.high ^ 0x7465646279746573U};
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state.absorb<C>(word);
  }
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56U;
  for (std::size_t i = 0; i < left; ++i) {
    last |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  }
  state.absorb<C>(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < D; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace kv

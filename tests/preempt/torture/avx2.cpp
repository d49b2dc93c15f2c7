// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::torture {
namespace {

constexpr std::size_t lanes = 4;  // 64-bit ones of a ymm register
constexpr std::size_t registers =
    12;  // eight of integers, four of doubles: kept all through the loop
constexpr std::size_t integers = 8;

struct state {
  alignas(32) std::array<std::uint64_t, integers * lanes> words;
  alignas(32) std::array<double, (registers - integers) * lanes> reals;
  friend bool operator==(const state&, const state&) = default;
};

state from(std::uint64_t key) {
  state s{};
  for (std::size_t i = 0; i < s.words.size(); ++i) s.words[i] = mix(key + i) | 1U;
  for (std::size_t i = 0; i < s.reals.size(); ++i) {
    s.reals[i] = static_cast<double>(mix(key ^ i) >> 11U) * 0x1p-53;
  }
  return s;
}

constexpr double growth = 3.99;

/// xorshift64 (Marsaglia, 2003) in each word, the logistic map, which forgets no deviation, in each
/// real: one lane after the other.
[[gnu::noinline]] void advance(state& s, std::uint64_t rounds) {
  for (std::uint64_t& x : s.words) {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      x ^= x << 13U;
      x ^= x >> 7U;
      x ^= x << 17U;
    }
  }
  for (double& x : s.reals) {
    for (std::uint64_t i = 0; i < rounds; ++i) x = growth * x * (1.0 - x);
  }
}

/// The same with all lanes in registers at once.
[[gnu::noinline, gnu::target("avx2")]] void advance_avx2(state& s, std::uint64_t rounds) {
  __m256i words[integers];
  __m256d reals[registers - integers];
  for (std::size_t i = 0; i < integers; ++i) {
    words[i] = _mm256_load_si256(reinterpret_cast<const __m256i*>(&s.words[i * lanes]));
  }
  for (std::size_t i = 0; i < registers - integers; ++i)
    reals[i] = _mm256_load_pd(&s.reals[i * lanes]);
  const __m256d by = _mm256_set1_pd(growth);
  const __m256d one = _mm256_set1_pd(1.0);
  for (std::uint64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 8
    for (__m256i& word : words) {
      word = _mm256_xor_si256(word, _mm256_slli_epi64(word, 13));
      word = _mm256_xor_si256(word, _mm256_srli_epi64(word, 7));
      word = _mm256_xor_si256(word, _mm256_slli_epi64(word, 17));
    }
#pragma GCC unroll 4
    for (__m256d& real : reals) {
      real = _mm256_mul_pd(_mm256_mul_pd(by, real), _mm256_sub_pd(one, real));
    }
  }
  for (std::size_t i = 0; i < integers; ++i) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(&s.words[i * lanes]), words[i]);
  }
  for (std::size_t i = 0; i < registers - integers; ++i)
    _mm256_store_pd(&s.reals[i * lanes], reals[i]);
}

}  // namespace

bool has_avx2() { return __builtin_cpu_supports("avx2") != 0; }

void avx2(toiler& t) {
  const std::uint64_t key = t.number();
  const std::uint64_t rounds = t.up_to(10'000);
  state plain = from(key);
  state vectors = plain;
  advance(plain, rounds);
  advance_avx2(vectors, rounds);
  check(plain == vectors, "vector registers were not preserved");
}

}  // namespace troupe::torture

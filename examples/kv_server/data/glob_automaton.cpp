// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/glob_automaton.hpp>
#include <examples/kv_server/data/glob_pattern.hpp>

#include <algorithm>

namespace kv {
namespace {

constexpr std::size_t characters = 256;
constexpr std::size_t word_bits = 64;

constexpr std::uint64_t bit_of(std::size_t state) { return std::uint64_t{1} << state % word_bits; }

}  // namespace

glob_automaton::glob_automaton(std::string_view pattern)
    : words_(pattern.size() / word_bits + 1),
      current_(words_),
      starred_(words_),
      listed_(characters * words_),
      inverted_(words_) {
  for (glob_pattern rest(pattern); !rest.done();) {
    if (rest.at_star()) {
      starred_[last_ / word_bits] |= bit_of(last_);
      rest.skip_stars();
      continue;
    }
    ++last_;
    const auto word = last_ / word_bits;
    const auto bit = bit_of(last_);
    const bool inverted = rest.take([&](char low, char high) {
      for (int c = low; c <= high; ++c) listed(static_cast<char>(c))[word] |= bit;
    });
    if (inverted) inverted_[word] |= bit;
  }
}

bool glob_automaton::matches(std::string_view text) {
  std::fill(current_.begin(), current_.end(), 0);
  current_[0] = 1;
  const auto word = last_ / word_bits;
  const auto bit = bit_of(last_);
  for (const char c : text) {
    if (!step(c)) return false;
    if ((current_[word] & starred_[word] & bit) != 0) return true;  // the rest matches as well
  }
  return (current_[word] & bit) != 0;
}

// False: no state is left.
bool glob_automaton::step(char c) {
  const auto* const by_character = listed(c);
  const auto* const inverted = inverted_.data();
  const auto* const starred = starred_.data();
  auto* const current = current_.data();
  std::uint64_t all = 0;
  for (auto i = words_; i-- != 0;) {  // from the end: each word needs the one before as it was
    const auto carried = i == 0 ? 0 : current[i - 1] >> (word_bits - 1);
    const auto advanced = (current[i] << 1U | carried) & (by_character[i] ^ inverted[i]);
    current[i] = advanced | (current[i] & starred[i]);
    all |= current[i];
  }
  return all != 0;
}

}  // namespace kv

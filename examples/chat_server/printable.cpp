// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/printable.hpp>

#include <algorithm>
#include <cstddef>

namespace chat {
namespace {

// The length of the UTF-8 sequence of several bytes at the beginning of a text; 0: there is none,
// or a malformed one (the bounds are those of table 3-7 of the Unicode standard).
std::size_t sequence_length(std::string_view text) {
  const auto is_within = [text](std::size_t at, unsigned lowest, unsigned highest) {
    return at < text.size() && static_cast<unsigned char>(text[at]) >= lowest &&
           static_cast<unsigned char>(text[at]) <= highest;
  };
  const unsigned lead = static_cast<unsigned char>(text.front());
  const std::size_t length = is_within(0, 0xc2, 0xdf)   ? 2
                             : is_within(0, 0xe0, 0xef) ? 3
                             : is_within(0, 0xf0, 0xf4) ? 4
                                                        : 0;
  const unsigned lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (!is_within(1, lowest, highest)) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_within(i, 0x80, 0xbf)) return 0;
  }
  return length;
}

// Of a UTF-8 sequence, or of a byte that is in none.
bool is_control(std::string_view character) {
  const auto last = static_cast<unsigned char>(character.back());
  if (character.size() == 1) return last < ' ' || (last >= 0x7f && last <= 0x9f);
  return character.size() == 2 && character.front() == '\xc2' && last <= 0x9f;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto next = text.substr(0, std::max<std::size_t>(sequence_length(text), 1));
    if (!is_control(next)) result.append(next);
    text.remove_prefix(next.size());
  }
  return result;
}

}  // namespace chat

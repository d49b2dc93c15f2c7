// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What libFuzzer calls, and replay.cpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace troupe::fuzz {

/// A finding.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

/// An input as a peer might send it: its first byte says how the rest is cut.
class cut_input {
 public:
  cut_input(const std::uint8_t* data, std::size_t size)
      : bytes_(reinterpret_cast<const char*>(data), size), state_(size > 0 ? data[0] : 0U) {
    if (size > 0) bytes_.remove_prefix(1);
  }

  /// All of it.
  std::string_view bytes() const { return bytes_; }

  /// The sizes of the pieces, one after the other; from 1 to 32.
  std::size_t next_piece() {
    state_ = state_ * 1664525U + 1013904223U;
    return 1 + (state_ >> 27U);
  }

 private:
  std::string_view bytes_;
  std::uint32_t state_;
};

/// Feeds the bytes, in pieces when `in_pieces`, to `take(piece)` as long as that answers true.
template <class Take>
void feed(cut_input from, bool in_pieces, Take&& take) {
  for (auto left = from.bytes(); !left.empty();) {
    const auto piece = left.substr(0, in_pieces ? from.next_piece() : left.size());
    left.remove_prefix(piece.size());
    if (!take(piece)) return;
  }
}

}  // namespace troupe::fuzz

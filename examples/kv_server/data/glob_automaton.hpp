// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kv {

/// Tries all ways in which a text may match a pattern at once, a bit for each: reads every
/// character once, whatever the pattern.
///
/// State i: the elements of the pattern before i, stars aside, have matched what was read so far. A
/// character that element i matches leads from state i to i + 1; a star before element i keeps
/// state i.
class glob_automaton {
 public:
  explicit glob_automaton(std::string_view pattern);

  /// `text` must not be empty.
  [[nodiscard]] bool matches(std::string_view text);

 private:
  [[nodiscard]] bool step(char c);
  [[nodiscard]] std::uint64_t* listed(char c) {
    return listed_.data() + static_cast<unsigned char>(c) * words_;
  }

  // Sets of states, 64 in a word.
  std::size_t words_;
  std::vector<std::uint64_t> current_;
  std::vector<std::uint64_t> starred_;
  std::vector<std::uint64_t> listed_;    // for each character: behind elements that list it
  std::vector<std::uint64_t> inverted_;  // behind elements that match what they do not list
  std::size_t last_ = 0;                 // state: the text matches
};

}  // namespace kv

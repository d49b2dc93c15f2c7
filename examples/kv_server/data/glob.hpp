// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/glob_automaton.hpp>

#include <optional>
#include <string_view>

namespace kv {

/// A pattern for many texts: `*`, `?`, `[a-c]`, `[^x]`, and a backslash before a character that
/// stands for itself. As in Redis, nothing but the empty pattern matches the empty text.
///
/// Whatever the pattern, a match takes time proportional to the length of the text, times the
/// number of 64 byte pieces of the pattern at worst.
class glob {
 public:
  /// Refers to `pattern`.
  explicit glob(std::string_view pattern) : pattern_(pattern) {}

  /// Whether all of `text` matches.
  [[nodiscard]] bool matches(std::string_view text);

 private:
  std::string_view pattern_;
  std::optional<glob_automaton> automaton_;  // once a text was too much for trying
};

[[nodiscard]] inline bool glob_matches(std::string_view pattern, std::string_view text) {
  return glob(pattern).matches(text);
}

}  // namespace kv

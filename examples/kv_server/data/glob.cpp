// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/glob.hpp>
#include <examples/kv_server/data/glob_pattern.hpp>

#include <cstddef>

namespace kv {
namespace {

// Needs neither memory nor preparation, and for most patterns hardly more steps than there are
// characters: when a star is followed by another, what the first one took never has to be
// reconsidered, so that only the last star is ever tried again. But what follows a star may be all
// but found at each character, over and over: std::nullopt after too many steps.
std::optional<bool> matches_by_trying(std::string_view pattern, std::string_view text) {
  auto steps_left = 2 * text.size() + 1000;
  glob_pattern at(pattern);
  glob_pattern after_star(pattern);
  bool seen_star = false;
  std::size_t star_end = 0;  // the last star took the text before this
  for (std::size_t i = 0; i < text.size();) {
    if (steps_left-- == 0) return std::nullopt;
    if (!at.done() && at.at_star()) {
      at.skip_stars();
      if (at.done()) return true;
      after_star = at;
      seen_star = true;
      star_end = i;
    } else if (!at.done() && at.take(text[i])) {
      ++i;
    } else if (seen_star) {
      at = after_star;
      i = ++star_end;
    } else {
      return false;
    }
  }
  at.skip_stars();
  return at.done();
}

}  // namespace

bool glob::matches(std::string_view text) {
  if (text.empty()) return pattern_.empty();
  if (!automaton_) {
    if (const auto result = matches_by_trying(pattern_, text)) return *result;
    automaton_.emplace(pattern_);
  }
  return automaton_->matches(text);
}

}  // namespace kv

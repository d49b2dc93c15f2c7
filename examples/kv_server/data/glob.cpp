// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/glob.hpp>

#include <algorithm>
#include <cstddef>

namespace kv {
namespace {

// The rest of a pattern.
class matcher {
 public:
  explicit matcher(std::string_view pattern) : rest_(pattern) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] bool at_star() const { return rest_.starts_with('*'); }
  void skip_stars() {
    while (at_star()) rest_.remove_prefix(1);
  }

  // Takes the element in front, which is not a star, off the pattern: does it match `c`?
  bool take(char c) {
    switch (rest_.front()) {
      case '?':
        rest_.remove_prefix(1);
        return true;
      case '[':
        rest_.remove_prefix(1);
        return take_class(c);
      case '\\':
        if (rest_.size() >= 2) rest_.remove_prefix(1);
        [[fallthrough]];
      default: {
        const bool same = rest_.front() == c;
        rest_.remove_prefix(1);
        return same;
      }
    }
  }

 private:
  // A class without its closing bracket ends with the pattern.
  bool take_class(char c) {
    const bool negated = rest_.starts_with('^');
    if (negated) rest_.remove_prefix(1);
    bool found = false;
    while (!rest_.empty() && rest_.front() != ']') found = take_member(c) || found;
    if (!rest_.empty()) rest_.remove_prefix(1);
    return found != negated;
  }

  bool take_member(char c) {
    if (rest_.size() >= 2 && rest_[0] == '\\') {
      const bool same = rest_[1] == c;
      rest_.remove_prefix(2);
      return same;
    }
    if (rest_.size() >= 3 && rest_[1] == '-') {
      const auto [low, high] = std::minmax(rest_[0], rest_[2]);
      const bool within = low <= c && c <= high;
      rest_.remove_prefix(3);
      return within;
    }
    const bool same = rest_.front() == c;
    rest_.remove_prefix(1);
    return same;
  }

  std::string_view rest_;
};

}  // namespace

// When a star is followed by another, what the first one took never has to be reconsidered: only
// the last star is ever tried again.
bool glob_matches(std::string_view pattern, std::string_view text) {
  if (text.empty()) return pattern.empty();
  matcher at(pattern);
  matcher after_star(pattern);
  bool seen_star = false;
  std::size_t star_end = 0;  // the last star took the text before this
  for (std::size_t i = 0; i < text.size();) {
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

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <algorithm>
#include <string_view>

namespace kv {

/// What is left of a pattern, as it is read from its front.
class glob_pattern {
 public:
  explicit glob_pattern(std::string_view pattern) : rest_(pattern) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] bool at_star() const { return rest_.starts_with('*'); }
  void skip_stars() {
    while (at_star()) rest_.remove_prefix(1);
  }

  /// Takes the element in front, which is not a star, off the pattern: does it match `c`?
  bool take(char c) {
    bool listed = false;
    const bool inverted =
        take([&](char low, char high) { listed = listed || (low <= c && c <= high); });
    return listed != inverted;
  }

  /// The same for any character: calls list(low, high) for what the element lists. True: it matches
  /// everything else.
  template <class List>
  bool take(List&& list) {
    switch (rest_.front()) {
      case '?':
        rest_.remove_prefix(1);
        return true;
      case '[':
        rest_.remove_prefix(1);
        return take_class(list);
      case '\\':
        if (rest_.size() >= 2) rest_.remove_prefix(1);
        [[fallthrough]];
      default:
        list(rest_.front(), rest_.front());
        rest_.remove_prefix(1);
        return false;
    }
  }

 private:
  // A class without its closing bracket ends with the pattern.
  template <class List>
  bool take_class(List& list) {
    const bool negated = rest_.starts_with('^');
    if (negated) rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != ']') take_member(list);
    if (!rest_.empty()) rest_.remove_prefix(1);
    return negated;
  }

  template <class List>
  void take_member(List& list) {
    if (rest_.size() >= 2 && rest_[0] == '\\') {
      list(rest_[1], rest_[1]);
      rest_.remove_prefix(2);
    } else if (rest_.size() >= 3 && rest_[1] == '-') {
      const auto [low, high] = std::minmax(rest_[0], rest_[2]);
      list(low, high);
      rest_.remove_prefix(3);
    } else {
      list(rest_.front(), rest_.front());
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

}  // namespace kv

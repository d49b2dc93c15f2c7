// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/dict.hpp>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace kv {

struct nothing {};

using list_value = std::deque<std::string>;
using set_value = dict<nothing>;
using hash_value = dict<std::string>;

/// What a key stands for: a string, a list, a set or a hash.
class value {
 public:
  explicit value(std::string text) : held_(std::move(text)) {}
  explicit value(list_value all) : held_(std::make_unique<list_value>(std::move(all))) {}
  explicit value(set_value all) : held_(std::make_unique<set_value>(std::move(all))) {}
  explicit value(hash_value all) : held_(std::make_unique<hash_value>(std::move(all))) {}

  /// The T in it; null when it is of another type.
  template <class T>
  [[nodiscard]] T* as() {
    if constexpr (std::is_same_v<T, std::string>) {
      return std::get_if<std::string>(&held_);
    } else {
      const auto* const found = std::get_if<std::unique_ptr<T>>(&held_);
      return found != nullptr ? found->get() : nullptr;
    }
  }

  /// As TYPE names it.
  [[nodiscard]] std::string_view type_name() const {
    constexpr std::string_view names[] = {"string", "list", "set", "hash"};
    return names[held_.index()];
  }

 private:
  // All but strings are held at a distance, because most values are strings.
  std::variant<std::string, std::unique_ptr<list_value>, std::unique_ptr<set_value>,
               std::unique_ptr<hash_value>>
      held_;
};

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/hashed_key.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kv {

/// Where one argument of a request lies in the buffer it was read into; `hash` is filled in for
/// arguments that are keys, so that it is computed once, however many parts of the server need it.
struct argument {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint64_t hash = 0;
};

/// The arguments of one request, its name first. A view: valid until the buffer changes.
class arguments {
 public:
  arguments(const char* base, std::span<const argument> list) : base_(base), list_(list) {}

  [[nodiscard]] std::size_t size() const { return list_.size(); }

  [[nodiscard]] std::string_view operator[](std::size_t index) const {
    return {base_ + list_[index].offset, list_[index].length};
  }

  /// Argument `index`, which must be one of the command's keys.
  [[nodiscard]] hashed_key key(std::size_t index) const {
    return {(*this)[index], list_[index].hash};
  }

 private:
  const char* base_;
  std::span<const argument> list_;
};

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace troupe::io::detail {

/// A number that no earlier call in this process has answered; never 0. Any thread.
std::uint64_t next_unique_number() noexcept;

/// A number that names one thing of a kind for the life of the process, and is never used again.
/// Whoever asks for the thing makes the id, so that it knows what the answers will be called.
template <class Kind>
class unique_id {
 public:
  /// Names nothing.
  constexpr unique_id() noexcept = default;
  /// A new one. Any thread.
  static unique_id make() noexcept { return unique_id(next_unique_number()); }

  /// For logs; 0 for the id that names nothing.
  constexpr std::uint64_t number() const noexcept { return number_; }
  constexpr explicit operator bool() const noexcept { return number_ != 0; }
  friend constexpr bool operator==(unique_id, unique_id) noexcept = default;
  friend constexpr std::strong_ordering operator<=>(unique_id, unique_id) noexcept = default;

 private:
  constexpr explicit unique_id(std::uint64_t number) noexcept : number_(number) {}

  std::uint64_t number_ = 0;
};

}  // namespace troupe::io::detail

template <class Kind>
struct std::hash<troupe::io::detail::unique_id<Kind>> {
  std::size_t operator()(troupe::io::detail::unique_id<Kind> id) const noexcept {
    return std::hash<std::uint64_t>{}(id.number());
  }
};

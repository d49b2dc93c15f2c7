// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/common/connection_limit.hpp>

#include <troupe/troupe.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace examples {

/// Tells connections that are too many that they are. Copies share the bound.
class refusal {
 public:
  /// So many are closed gently at a time, each for a second at most; further ones at once.
  static constexpr std::size_t at_a_time = 32;

  /// `text` is what they are told, a line or two; nothing: they are closed at once.
  explicit refusal(std::string text) : text_(std::move(text)) {}

  /// Tells the peer and closes the connection, by an actor of its own: nobody waits for it.
  void turn_away(troupe::context& self, troupe::io::tcp_stream stream) const;

 private:
  std::string text_;
  connection_limit closing_{at_a_time};
};

}  // namespace examples

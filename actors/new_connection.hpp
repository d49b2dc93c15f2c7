// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/any_ref.hpp>

#include <utility>

namespace troupe {

namespace detail {

/// Tells an acceptor that a connection_place is free again.
struct place_freed {};

}  // namespace detail

/// One of the connections that accept_for() allows at a time: as long as it lives, the connection
/// counts. Keep it as long as the stream. Thread-safe as any value is.
class connection_place {
 public:
  /// None.
  connection_place() noexcept = default;
  connection_place(connection_place&& other) noexcept
      : acceptor_(std::exchange(other.acceptor_, {})) {}
  connection_place& operator=(connection_place&& other) noexcept {
    std::swap(acceptor_, other.acceptor_);
    return *this;
  }
  ~connection_place();

  /// For the runtime.
  explicit connection_place(any_ref acceptor) noexcept : acceptor_(acceptor) {}

 private:
  any_ref acceptor_;
};

/// The message that accept_for() promises. Its handler takes it by value or by rvalue reference.
template <class Stream>
struct new_connection {
  Stream stream;
  connection_place place;
};

}  // namespace troupe

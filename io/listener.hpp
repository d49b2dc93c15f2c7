// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/channel.hpp>

#include <cstdint>
#include <system_error>
#include <utility>

namespace troupe::io {

/// What takes connections: tcp_listener and local_listener are its kinds. One actor at a time
/// accepts; who may use it when is said of channel. To close a listener resets the connections that
/// were not accepted.
class listener : public channel {
 protected:
  /// Connections are watched by the workers in turn.
  static constexpr std::uint32_t in_turn = UINT32_MAX;

  listener() noexcept = default;
  listener(listener&&) noexcept = default;
  listener& operator=(listener&&) noexcept = default;
  /// Connections are watched by worker `turn` modulo their number.
  explicit listener(detail::socket_ptr socket, std::uint32_t turn = in_turn) noexcept
      : channel(std::move(socket)), turn_(turn) {}
  ~listener() = default;

  /// The next connection; waits for it.
  detail::socket_ptr accept_socket(std::error_code& error);
  /// As above, but never waits.
  detail::socket_ptr try_accept_socket(std::error_code& error);

 private:
  std::uint32_t turn_ = in_turn;
};

}  // namespace troupe::io

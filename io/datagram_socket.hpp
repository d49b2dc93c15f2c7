// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/time_span.hpp>
#include <troupe/io/channel.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

namespace troupe::io {

namespace detail {
struct address_ref;
struct datagram_news;
}  // namespace detail

/// What carries messages of limited size, each as a whole or not at all: udp_socket and
/// local_datagram are its kinds.
///
/// **Suspends**, **From**, **Errors**: as said of stream; who may use it when, of channel.
class datagram_socket : public channel {
 public:
  /// Sends one datagram to whom the socket is connected. **Suspends** while the system has no room
  /// for it. **Errors** errc::timeout; std::errc::destination_address_required (UDP) or
  /// not_connected without a connection; std::errc::message_size when it is too long. That an
  /// earlier datagram found nobody may be told by the next call: ECONNREFUSED.
  void send(std::span<const std::byte> data);
  void send(std::span<const std::byte> data, std::error_code& error);

  /// A call that waits for longer fails with errc::timeout; with zero or less, each that has to
  /// wait. std::nullopt, the initial state, and nanoseconds::max(): no limit. Called by the reader,
  /// and by the writer.
  void read_timeout(std::optional<time_span> limit);
  void write_timeout(std::optional<time_span> limit);

 protected:
  datagram_socket() noexcept = default;
  datagram_socket(datagram_socket&&) noexcept = default;
  datagram_socket& operator=(datagram_socket&&) noexcept = default;
  explicit datagram_socket(detail::socket_ptr socket) noexcept : channel(std::move(socket)) {}
  ~datagram_socket() = default;

  /// The size of the next datagram's part that fits. **Suspends** until there is one.
  std::size_t receive(std::span<std::byte> buffer, detail::datagram_news& news,
                      std::error_code& error);
  std::size_t try_receive(std::span<std::byte> buffer, detail::datagram_news& news,
                          std::error_code& error);
  void send_to(std::span<const std::byte> data, const detail::address_ref* to,
               std::error_code& error);
};

}  // namespace troupe::io

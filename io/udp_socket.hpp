// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/datagram_socket.hpp>
#include <troupe/io/endpoint.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>

namespace troupe::io {

/// UDP datagrams, by IPv4 or IPv6. What it shares with other datagram sockets is said of
/// datagram_socket; who may use it when, of channel.
class udp_socket : public datagram_socket {
 public:
  /// What receive() answers.
  struct received {
    std::size_t size = 0;    ///< bytes in the buffer
    endpoint from{};         ///< who sent it
    bool truncated = false;  ///< the buffer was too small: the rest of the datagram is lost
  };

  /// A socket that is not open.
  udp_socket() noexcept = default;
  /// What is moved from is not open.
  udp_socket(udp_socket&&) noexcept = default;
  udp_socket& operator=(udp_socket&&) noexcept = default;
  ~udp_socket() = default;

  /// A socket that receives at an IPv4 or IPv6 address of this machine ("127.0.0.1", "0.0.0.0",
  /// "::1"; "::" receives from IPv4 as well; no names); port 0: any free one, see local_endpoint().
  /// **Suspends** never. **From** anywhere. **Errors** std::system_error whose text names address
  /// and port.
  static udp_socket bind(const std::string& address, std::uint16_t port);
  /// A socket at any free port that sends to and receives from that address and port only.
  /// **Suspends** never. **From** anywhere. **Errors** as bind().
  static udp_socket connect(const std::string& address, std::uint16_t port);

  /// From now on, send() sends to `peer`, and only what it sends is received. **Suspends** never.
  /// **Errors** std::system_error whose text names the peer.
  void connect(const endpoint& peer);

  /// The next datagram. **Suspends** until there is one. **Errors** errc::timeout; ECONNREFUSED
  /// when the peer of a connected socket was not there for a datagram before.
  received receive(std::span<std::byte> buffer);
  received receive(std::span<std::byte> buffer, std::error_code& error);
  /// As receive(), but never waits: std::errc::operation_would_block when there is none. From
  /// anywhere.
  received try_receive(std::span<std::byte> buffer, std::error_code& error);

  /// Sends one datagram to `peer`; see send(). **Errors** as send(); EISCONN never: a connected
  /// socket may send elsewhere, too.
  void send_to(std::span<const std::byte> data, const endpoint& peer);
  void send_to(std::span<const std::byte> data, const endpoint& peer, std::error_code& error);

  /// Where it receives. **Errors** std::system_error.
  endpoint local_endpoint() const;

 private:
  explicit udp_socket(detail::socket_ptr socket) noexcept : datagram_socket(std::move(socket)) {}
};

}  // namespace troupe::io

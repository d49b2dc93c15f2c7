// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/time_span.hpp>
#include <troupe/io/endpoint.hpp>
#include <troupe/io/keep_alive.hpp>
#include <troupe/io/stream.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace troupe::io {

/// A TCP connection. What it shares with other streams, reading, writing and their limits, is said
/// of stream; who may use it when, of channel.
///
/// New connections have TCP_NODELAY set: what write_all() is given leaves at once.
class tcp_stream : public stream {
 public:
  /// No limit, for connect().
  static constexpr std::chrono::nanoseconds no_timeout = std::chrono::nanoseconds::max();

  /// A stream without a connection.
  tcp_stream() noexcept = default;
  /// What is moved from has no connection.
  tcp_stream(tcp_stream&&) noexcept = default;
  tcp_stream& operator=(tcp_stream&&) noexcept = default;
  ~tcp_stream() = default;

  /// Connects to `host`, an address or a name, which is resolved in the background. The addresses
  /// of a name are tried as RFC 8305 ("Happy Eyeballs") says: IPv6 and IPv4 take turns, beginning
  /// with the family that the resolver prefers; an attempt that has not ended within 250 ms is
  /// joined by the next one, at most 16 at a time; the first connection wins, and the others are
  /// closed. When all attempts fail, the error is that of the last one to fail. `timeout` is for
  /// all of it: errc::timeout. Zero or less is over as soon as it has to wait, as it nearly always
  /// has to.
  /// **Suspends** until connected. **Errors** std::errc::invalid_argument for a host that is empty
  /// or has a zero byte; the exception's text names host and port.
  static tcp_stream connect(const std::string& host, std::uint16_t port,
                            time_span timeout = no_timeout);
  static tcp_stream connect(const std::string& host, std::uint16_t port, time_span timeout,
                            std::error_code& error);

  /// The address and port at this end. **Errors** std::system_error.
  endpoint local_endpoint() const;
  /// Those of the peer. **Errors** std::system_error, also when the peer has reset the connection.
  endpoint remote_endpoint() const;

  /// Whether small writes leave at once (the initial state), or wait a little for company.
  void no_delay(bool on);
  /// Whether the system asks a silent peer now and then whether it is still there; std::nullopt,
  /// the initial state: no. **Errors** std::invalid_argument names an option that is out of range.
  void keep_alive(const std::optional<keep_alive_options>& probes);

  /// Closes the connection with a reset: what was written and has not arrived is lost, and the
  /// peer's calls fail with ECONNRESET. **Suspends** never. **Errors** as close().
  void abort();

  /// For the runtime.
  explicit tcp_stream(detail::socket_ptr socket) noexcept : stream(std::move(socket)) {}
};

}  // namespace troupe::io

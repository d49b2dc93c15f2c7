// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/socket_ptr.hpp>
#include <troupe/io/endpoint.hpp>
#include <troupe/io/listen_options.hpp>
#include <troupe/io/tcp_stream.hpp>

#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

namespace troupe::io {

/// A port that takes TCP connections. May be moved to another actor. One actor at a time accepts: a
/// second one that would have to wait, and a close() beside a waiting accept(), get
/// std::logic_error. To destroy it closes it, from any thread.
class tcp_listener {
 public:
  /// A listener that does not listen.
  tcp_listener() noexcept = default;
  /// What is moved from does not listen.
  tcp_listener(tcp_listener&&) noexcept = default;
  tcp_listener& operator=(tcp_listener&&) noexcept = default;
  ~tcp_listener() = default;

  /// Listens on an IPv4 or IPv6 address of this machine ("127.0.0.1", "0.0.0.0", "::1", "::"; no
  /// names); port 0: any free one, see local_endpoint(). A port that was in use moments ago may be
  /// taken again (SO_REUSEADDR). **Suspends** never. **From** anywhere, plain threads included.
  /// **Errors** std::system_error whose text names address and port; std::invalid_argument for a
  /// bad option.
  static tcp_listener bind(const std::string& address, std::uint16_t port,
                           listen_options options = {});

  /// The next connection. Connections are spread over the workers in turn: each is watched by one
  /// of them. One that was given up by the peer before this call is passed over. When descriptors
  /// or memory have run out (EMFILE, ENFILE, ENOBUFS, ENOMEM), this call waits and tries again,
  /// after 5 ms at first and then ever more rarely, up to 200 ms; newcomers wait in the backlog
  /// meanwhile. **Suspends** until there is one. **From** a behavior or a job, else
  /// std::logic_error. **Errors** std::system_error; std::errc::bad_file_descriptor when it does
  /// not listen.
  tcp_stream accept();
  /// As above; with an error, the stream has no connection.
  tcp_stream accept(std::error_code& error);

  /// Where it listens. **Errors** std::system_error.
  endpoint local_endpoint() const;
  /// Whether it listens.
  bool is_open() const noexcept { return socket_ != nullptr; }
  /// The descriptor, which stays the listener's; -1 when it does not listen.
  int native_handle() const noexcept;

  /// Listens no longer; connections that were not accepted are reset. **Suspends** never.
  /// **Errors** std::logic_error when an actor waits in accept().
  void close();

 private:
  explicit tcp_listener(detail::socket_ptr socket) noexcept : socket_(std::move(socket)) {}

  detail::socket_ptr socket_;
};

}  // namespace troupe::io

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/endpoint.hpp>
#include <troupe/io/listen_options.hpp>
#include <troupe/io/listener.hpp>
#include <troupe/io/tcp_stream.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace troupe::io {

/// A port that takes TCP connections. Who may use it when: see listener.
class tcp_listener : public listener {
 public:
  using stream_type = tcp_stream;

  /// A listener that does not listen.
  tcp_listener() noexcept = default;
  /// What is moved from does not listen.
  tcp_listener(tcp_listener&&) noexcept = default;
  tcp_listener& operator=(tcp_listener&&) noexcept = default;
  ~tcp_listener() = default;

  /// Listens on an IPv4 or IPv6 address of this machine ("127.0.0.1", "0.0.0.0", "::1"; "::" takes
  /// IPv4 connections as well; no names); port 0: any free one, see local_endpoint(). A port that
  /// was in use moments ago may be taken again (SO_REUSEADDR). **Suspends** never. **From**
  /// anywhere, plain threads included. **Errors** std::system_error whose text names address and
  /// port; std::invalid_argument for a bad option.
  static tcp_listener bind(const std::string& address, std::uint16_t port,
                           listen_options options = {});
  /// `count` listeners on one port, with reuse_port, and worker set to 0, 1, 2...: with as many as
  /// there are workers, and an actor that accepts for each, each worker has a backlog of its own,
  /// which it watches together with the connections out of it.
  /// Port 0: any free one, the same for all. **Suspends**, **From**, **Errors** as bind();
  /// std::invalid_argument for none or more than 1024.
  static std::vector<tcp_listener> bind_several(std::size_t count, const std::string& address,
                                                std::uint16_t port, listen_options options = {});

  /// The next connection. One that was given up by the peer before this call is passed over. When
  /// descriptors or memory have run out (EMFILE, ENFILE, ENOBUFS, ENOMEM), this call waits and
  /// tries again, after 5 ms at first and then ever more rarely, up to 200 ms; newcomers wait in
  /// the backlog meanwhile. **Suspends** until there is one. **From** a behavior or a job, else
  /// std::logic_error. **Errors** std::system_error; std::errc::bad_file_descriptor when it does
  /// not listen.
  tcp_stream accept();
  /// As above; with an error, the stream has no connection.
  tcp_stream accept(std::error_code& error) { return tcp_stream(accept_socket(error)); }
  /// As accept(), but never waits: std::errc::operation_would_block when there is no connection,
  /// the system's errors (such as EMFILE) otherwise. From anywhere.
  tcp_stream try_accept(std::error_code& error) { return tcp_stream(try_accept_socket(error)); }

  /// Where it listens. **Errors** std::system_error.
  endpoint local_endpoint() const;

 private:
  using listener::listener;
};

}  // namespace troupe::io

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/time_span.hpp>
#include <troupe/io/stream.hpp>

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

namespace troupe::io {

/// A connection to another process on this machine, by a Unix domain socket. What it shares with
/// other streams is said of stream; who may use it when, of channel.
class local_stream : public stream {
 public:
  /// No limit, for connect().
  static constexpr std::chrono::nanoseconds no_timeout = std::chrono::nanoseconds::max();

  /// A stream without a connection.
  local_stream() noexcept = default;
  /// What is moved from has no connection.
  local_stream(local_stream&&) noexcept = default;
  local_stream& operator=(local_stream&&) noexcept = default;
  ~local_stream() = default;

  /// Connects to the listener at `path`, of at most 107 bytes. While its backlog is full, tries
  /// again every few milliseconds, until `timeout`: errc::timeout; zero or less: tries once.
  /// **Suspends** until connected. **Errors** std::system_error whose text names the path: nobody
  /// listens (ECONNREFUSED), no such file, no permission, too long.
  static local_stream connect(const std::string& path, time_span timeout = no_timeout);
  static local_stream connect(const std::string& path, time_span timeout, std::error_code& error);

  /// Two streams that are connected to each other. **Suspends** never. **From** anywhere.
  /// **Errors** std::system_error.
  static std::pair<local_stream, local_stream> make_pair();

  /// For the runtime.
  explicit local_stream(detail::socket_ptr socket) noexcept : stream(std::move(socket)) {}
};

}  // namespace troupe::io

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/datagram_socket.hpp>
#include <troupe/io/detail/bound_path.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace troupe::io {

/// How a local_datagram is bound.
struct local_datagram_options {
  /// A socket file at the path where nobody receives any more, as a crashed process leaves it, is
  /// removed first.
  bool remove_stale = false;
};

/// Datagrams between processes on this machine, by a Unix domain socket: none is lost, and they
/// keep their order. What it shares with other datagram sockets is said of datagram_socket; who may
/// use it when, of channel. Its file is removed when it is closed or destroyed, unless another one
/// has taken its place meanwhile.
class local_datagram : public datagram_socket {
 public:
  /// What receive() answers.
  struct received {
    std::size_t size = 0;    ///< bytes in the buffer
    std::string from{};      ///< the path at which the sender receives; empty when it has none
    bool truncated = false;  ///< the buffer was too small: the rest of the datagram is lost
  };

  /// A socket that is not open.
  local_datagram() noexcept = default;
  /// What is moved from is not open.
  local_datagram(local_datagram&&) noexcept = default;
  local_datagram& operator=(local_datagram&&) noexcept = default;
  ~local_datagram() = default;

  /// A socket that receives at `path`, of at most 107 bytes, where there is no file yet.
  /// **Suspends** never. **From** anywhere. **Errors** std::system_error whose text names the path:
  /// it exists (EADDRINUSE), no such directory, no permission, too long.
  static local_datagram bind(const std::string& path, local_datagram_options options = {});
  /// A socket without a path of its own, that sends to the one at `path`. **Suspends** never.
  /// **From** anywhere. **Errors** as bind(); ECONNREFUSED when nobody receives there.
  static local_datagram connect(const std::string& path);
  /// Two sockets that are connected to each other. **Suspends** never. **From** anywhere.
  /// **Errors** std::system_error.
  static std::pair<local_datagram, local_datagram> make_pair();

  /// The next datagram. **Suspends** until there is one. **Errors** errc::timeout.
  received receive(std::span<std::byte> buffer);
  received receive(std::span<std::byte> buffer, std::error_code& error);
  /// As receive(), but never waits: std::errc::operation_would_block when there is none. From
  /// anywhere.
  received try_receive(std::span<std::byte> buffer, std::error_code& error);

  /// Sends one datagram to the socket at `path`; see send(). **Suspends** while the receiver has
  /// too many unread. **Errors** as send(); the exception's text names the path.
  void send_to(std::span<const std::byte> data, const std::string& path);
  void send_to(std::span<const std::byte> data, const std::string& path, std::error_code& error);

  /// Where it receives; empty for one without a path.
  const std::string& path() const noexcept { return path_.text(); }

  /// As channel::close(), and removes the file.
  void close();

 private:
  explicit local_datagram(detail::socket_ptr socket, detail::bound_path path = {}) noexcept
      : datagram_socket(std::move(socket)), path_(std::move(path)) {}

  detail::bound_path path_;
};

}  // namespace troupe::io

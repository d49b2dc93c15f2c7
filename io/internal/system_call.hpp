// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The system calls of sockets, as functions that are never inlined: compilers keep the address of
// errno, which is thread-local, and a behavior may wait between two of them and go on in another
// thread.

#include <troupe/io/endpoint.hpp>

#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>

#include <sys/socket.h>
#include <sys/uio.h>

namespace troupe::io::detail {

/// What a system call answered: a number, or else an errno value.
struct outcome {
  std::size_t number = 0;
  int error = 0;

  bool failed() const noexcept { return error != 0; }
  bool would_block() const noexcept { return error == EAGAIN || error == EWOULDBLOCK; }
  std::error_code code() const noexcept { return {error, std::generic_category()}; }
};

/// An address of whatever family, for the length of a call.
struct address_ref {
  const sockaddr* data;
  socklen_t size;

  address_ref(const sockaddr* d, socklen_t n) noexcept : data(d), size(n) {}
  /*implicit*/ address_ref(const endpoint& e) noexcept
      : data(e.data()), size(static_cast<socklen_t>(e.size())) {}
};

// None of them blocks, and none answers EINTR.

outcome receive(int descriptor, std::span<std::byte> buffer) noexcept;
/// Whether receive, or accept, would answer something: would_block() when not.
outcome peek(int descriptor) noexcept;
/// Whether the kernel says that there is something to read.
bool is_readable(int descriptor) noexcept;
/// Raises no SIGPIPE; nor does the next.
outcome send(int descriptor, std::span<const std::byte> data) noexcept;
outcome send(int descriptor, std::span<const iovec> buffers) noexcept;
outcome shut_down_sending(int descriptor) noexcept;

/// Two pipe ends, the reading one first; close-on-exec.
outcome make_pipe(int (&ends)[2]) noexcept;
/// Makes a descriptor that somebody else opened ready for use: ENOSTR when it is no pipe's.
outcome prepare_pipe(int descriptor) noexcept;
outcome read_pipe(int descriptor, std::span<std::byte> buffer) noexcept;
/// Raises no SIGPIPE.
outcome write_pipe(int descriptor, std::span<const iovec> buffers) noexcept;

/// The descriptor of a new socket of that family and type (SOCK_STREAM, SOCK_DGRAM), close-on-exec.
outcome make_socket(int family, int type) noexcept;
/// Two connected Unix domain sockets, close-on-exec.
outcome make_socket_pair(int type, int (&ends)[2]) noexcept;
/// The descriptor of the next connection.
outcome accept(int descriptor) noexcept;
/// Starts to connect: EINPROGRESS, or done.
outcome connect(int descriptor, address_ref to) noexcept;
/// Asks what became of a connect(): EINPROGRESS, done, or its error.
outcome connected(int descriptor) noexcept;

outcome bind(int descriptor, address_ref at) noexcept;
outcome bind_and_listen(int descriptor, address_ref at, int backlog) noexcept;
outcome set_option(int descriptor, int level, int option, int value) noexcept;
/// A close is to reset the connection.
outcome reset_at_close(int descriptor) noexcept;

/// What came with a datagram.
struct datagram_news {
  sockaddr_storage from{};  ///< in a family with addresses
  socklen_t from_size = 0;
  bool truncated = false;  ///< the buffer was too small, the rest is lost
};
outcome receive_datagram(int descriptor, std::span<std::byte> buffer, datagram_news& news) noexcept;
/// To whom the socket is connected when `to` is nullptr. Raises no SIGPIPE.
outcome send_datagram(int descriptor, std::span<const std::byte> data,
                      const address_ref* to) noexcept;
outcome local_endpoint(int descriptor, endpoint& answer) noexcept;
outcome remote_endpoint(int descriptor, endpoint& answer) noexcept;

}  // namespace troupe::io::detail

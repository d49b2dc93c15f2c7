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

namespace troupe::io::detail {

/// What a system call answered: a number, or else an errno value.
struct outcome {
  std::size_t number = 0;
  int error = 0;

  bool failed() const noexcept { return error != 0; }
  bool would_block() const noexcept { return error == EAGAIN || error == EWOULDBLOCK; }
  std::error_code code() const noexcept { return {error, std::generic_category()}; }
};

// None of them blocks, and none answers EINTR.

outcome receive(int descriptor, std::span<std::byte> buffer) noexcept;
/// Whether receive would answer something: would_block() when not.
outcome peek(int descriptor) noexcept;
/// Whether the kernel says that there is something to read.
bool is_readable(int descriptor) noexcept;
/// Raises no SIGPIPE.
outcome send(int descriptor, std::span<const std::byte> data) noexcept;
outcome shut_down_sending(int descriptor) noexcept;

/// The descriptor of a new TCP socket of that family, close-on-exec.
outcome make_socket(int family) noexcept;
/// The descriptor of the next connection.
outcome accept(int descriptor) noexcept;
/// Starts to connect: EINPROGRESS, or done.
outcome connect(int descriptor, const endpoint& to) noexcept;
/// Asks what became of a connect(): EINPROGRESS, done, or its error.
outcome connected(int descriptor) noexcept;

outcome bind_and_listen(int descriptor, const endpoint& at, int backlog) noexcept;
outcome set_option(int descriptor, int level, int option, int value) noexcept;
outcome local_endpoint(int descriptor, endpoint& answer) noexcept;
outcome remote_endpoint(int descriptor, endpoint& answer) noexcept;

}  // namespace troupe::io::detail

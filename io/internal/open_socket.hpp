// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// How the calls of what owns a socket begin: with one, or with std::errc::bad_file_descriptor.

#include <troupe/io/internal/socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/scheduler/detail/task.hpp>

#include <cstdint>
#include <system_error>
#include <utility>

namespace troupe::io::detail {

/// The error of a call without an open socket.
std::error_code not_open() noexcept;

/// The begin of a call that may wait: the running task; nullptr, with an error, without a socket.
/// Throws as begin_call() does, also without a socket.
troupe::detail::task* begin_call(const socket_ptr& s, std::error_code& error);

/// The socket of a call that does not wait. Throws std::system_error, naming the call, without one.
socket& require_open(const socket_ptr& s, const char* call);

/// As socket::open(), of a new descriptor, if it was made; std::errc::not_enough_memory where that
/// throws.
socket_ptr open_made(const outcome& made, std::error_code& error,
                     std::uint32_t turn = socket::any_turn) noexcept;

/// Sockets of two new descriptors, which it owns from here on, also when it throws.
std::pair<socket_ptr, socket_ptr> open_two(const int (&descriptors)[2]);

}  // namespace troupe::io::detail

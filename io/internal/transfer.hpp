// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Moving bytes through a socket: the system call first; only what would block waits for the
// reactor.

#include <troupe/io/internal/socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <system_error>

namespace troupe::io::detail {

/// Reads what is there without waiting.
outcome try_receive(socket& s, std::span<std::byte> buffer) noexcept;

/// Waits until there is something, the end or an error; 0 for the end and for an empty buffer. Also
/// for each part of a call that receives several times within one limit.
std::size_t receive_some(socket& s, troupe::detail::task& self, std::span<std::byte> buffer,
                         time_limit& limit, std::error_code& error);

/// Waits until all is sent.
void send_all(socket& s, troupe::detail::task& self, std::span<const std::byte> data,
              time_limit& limit, std::error_code& error);
/// As above, one buffer after the other.
void send_all(socket& s, troupe::detail::task& self,
              std::span<const std::span<const std::byte>> buffers, time_limit& limit,
              std::error_code& error);

/// Sets the idle limit; no_limit for none.
void limit_idleness(socket& s, std::chrono::nanoseconds limit) noexcept;
/// Bytes have moved.
void note_movement(socket& s) noexcept;

/// Lets the reactor watch the socket, and suspends the running task until its direction `r`, which
/// it has cleared, is ready: no error; or until the call's limit or the idle limit has passed:
/// errc::timeout.
std::error_code await_socket(socket& s, readiness& r, troupe::detail::task& self,
                             time_limit& limit);

}  // namespace troupe::io::detail

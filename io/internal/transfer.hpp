// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Moving bytes through a socket: the system call first; only what would block waits for the
// reactor.

#include <troupe/io/internal/socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>

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

/// Bytes have moved.
void note_movement(socket& s) noexcept;

/// Suspends the running task until `r`, a direction of a socket with an idle limit, is ready, or
/// until `deadline_ns` or the idle limit has passed.
std::error_code await_while_moving(const socket_limits& limits, readiness& r,
                                   troupe::detail::task& self, std::uint64_t deadline_ns);

/// Lets the reactor watch the socket, and suspends the running task until its direction `r`, which
/// it has cleared, is ready: no error; or until the call's limit or the idle limit has passed:
/// errc::timeout.
inline std::error_code await_socket(socket& s, readiness& r, troupe::detail::task& self,
                                    time_limit& limit) {
  if (const std::error_code error = s.watch(self)) return error;
  const socket_limits* const limits = s.limits();
  if (limits != nullptr && limits->limits_idleness()) {
    return await_while_moving(*limits, r, self, limit.deadline_ns());
  }
  return await_ready(r, self, limit.deadline_ns());
}

}  // namespace troupe::io::detail

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

/// Waits until there is something, the end or an error; 0 for the end and for an empty buffer.
std::size_t receive_some(socket& s, troupe::detail::task& self, std::span<std::byte> buffer,
                         time_limit& limit, std::error_code& error);

/// Waits until all is sent.
void send_all(socket& s, troupe::detail::task& self, std::span<const std::byte> data,
              time_limit& limit, std::error_code& error);

}  // namespace troupe::io::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/scenario.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::bench {

constexpr std::size_t echo_message_size = 64;

struct echo_load {
  std::uint16_t port = 0;
  std::uint64_t connections = 0;
  double seconds = 0;
  std::uint64_t server = 0;  ///< process id, to charge it for what it does; 0: it is not looked at
};

/// Drives an echo server with plain sockets and epoll on one thread: every connection sends 64
/// bytes, waits for them to come back, and sends again. An op is a round trip.
[[nodiscard]] result drive_echo(const echo_load& load);

/// The same, but each round trip has a connection of its own, which is closed behind it.
/// `connections` of them are open at a time. The latency is that of connecting and the round trip.
[[nodiscard]] result drive_accept(const echo_load& load);

/// Opens connections, has each echo once, and leaves them alone: how much memory the server holds
/// for each. An op is a connection. Needs `server`.
[[nodiscard]] result drive_idle(const echo_load& load);

}  // namespace troupe::bench

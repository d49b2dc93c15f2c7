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
};

/// Drives an echo server with plain sockets and epoll on one thread: every connection sends 64
/// bytes, waits for them to come back, and sends again. An op is a round trip.
[[nodiscard]] result drive_echo(const echo_load& load);

}  // namespace troupe::bench

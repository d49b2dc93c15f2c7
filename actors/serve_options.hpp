// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/exit_reason.hpp>
#include <troupe/actors/options.hpp>

#include <chrono>
#include <cstddef>
#include <functional>

namespace troupe {

/// How serve() serves; std::invalid_argument names a field that is out of range.
struct serve_options {
  /// Connections at a time; newcomers wait in the listener's backlog. From 1.
  std::size_t max_connections = 10'000;
  /// How the connections' actors are set up.
  spawn_options connection{};
  /// Called for each connection whose handler an exception has left (not actor_exit), and for each
  /// that no actor could be started for; on the server, one at a time. What it throws ends the
  /// server. When empty, the system's on_failure is called, or a line goes to stderr, as for any
  /// actor. A peer that goes is an exception where the handler lets it be one.
  std::function<void(const exit_reason&)> on_failure{};
};

/// The request that ends a server in order: it accepts no more, tells its connections' actors that
/// it is `draining`, waits until they have ended, but not for longer than `deadline`, then kills
/// the rest, and ends. The answer is the number of those that it had to kill. Connections in the
/// backlog are reset.
struct drain {
  std::chrono::nanoseconds deadline;
};

/// The message that each connection's actor gets, once, when its server is asked to drain. A
/// handler that keeps its connection for more than one request ends in order by taking it when it
/// has answered one: receive() waits for it beside what channel::notify_readable() promises, and
/// with after(0ns) only looks whether it is there. It wakes no read() or other waiting call. Who
/// does not take it loses nothing: it takes no place in a bounded mailbox, and left behind, it is
/// no dead letter.
struct draining {};

/// The request that is answered by the number of connections.
struct count_connections {};

/// How accept_for() accepts; std::invalid_argument names a field that is out of range.
struct accept_options {
  /// Connections at a time: those whose connection_place lives. Newcomers wait in the listener's
  /// backlog. From 1.
  std::size_t max_connections = 10'000;
};

}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <optional>

namespace troupe::io {

/// How a tcp_listener listens.
struct listen_options {
  /// Connections that the kernel accepts before accept() is called for them; it cuts the number
  /// down to net.core.somaxconn. From 1. The default is arbitrary: a second of a busy service's
  /// newcomers.
  int backlog = 1024;
  /// Listening on "::" takes IPv6 connections only, not IPv4 ones as well (whose addresses then
  /// read "::ffff:127.0.0.1").
  bool v6_only = false;
  /// Other listeners with this option, of the same user, may listen on the same port; the kernel
  /// spreads the connections over them (SO_REUSEPORT). See tcp_listener::bind_several().
  bool reuse_port = false;
  /// The worker that watches this listener and all its connections, modulo the number of workers;
  /// std::nullopt: the worker on which it is first waited for, and for connections each in turn.
  std::optional<std::uint16_t> worker{};
};

}  // namespace troupe::io

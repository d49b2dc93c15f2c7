// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::io {

/// How a tcp_listener listens.
struct listen_options {
  /// Connections that the kernel accepts before accept() is called for them; it cuts the number
  /// down to net.core.somaxconn. From 1. The default is arbitrary: a second of a busy service's
  /// newcomers.
  int backlog = 1024;
  /// Listening on "::" takes IPv6 connections only, not IPv4 ones as well.
  bool v6_only = false;
};

}  // namespace troupe::io

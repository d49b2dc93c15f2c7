// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/socket_id.hpp>

namespace troupe::io {

/// The message that says that a socket is worth a call: what register_socket or modify_socket has
/// asked for, or tcp_stream::notify_readable(). It comes once for each time it was asked for. Both
/// directions may be reported although the call would block after all: somebody else was faster, or
/// the kernel has thought better of it.
struct socket_ready {
  socket_id id;           ///< as registered; tcp_stream::id()
  bool readable = false;  ///< a read would not wait: bytes, a connection, the end or an error
  bool writable = false;  ///< a write would not wait, if only because it would fail
  bool error = false;  ///< the kernel reports an error (EPOLLERR); it comes without being asked for
};

}  // namespace troupe::io

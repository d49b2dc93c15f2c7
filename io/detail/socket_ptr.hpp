// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <memory>

namespace troupe::io::detail {

class socket;

/// Closes a socket and gives it back. Any thread.
struct socket_closer {
  void operator()(socket* s) const noexcept;
};

/// What streams and listeners own.
using socket_ptr = std::unique_ptr<socket, socket_closer>;

}  // namespace troupe::io::detail

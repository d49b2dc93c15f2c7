// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <chrono>

namespace examples {

/// Closes a connection on whose input nothing depends any more: ends what is sent, and reads what
/// comes until the peer closes its end, but for no longer than `most` and no more than 256 KiB. To
/// close while bytes are unread, or on their way, resets the connection, and a peer that is still
/// sending fails before it has read the last answer. **Suspends**.
void close_gently(troupe::io::tcp_stream stream, std::chrono::nanoseconds most);

}  // namespace examples

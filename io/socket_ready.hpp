// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::io {

/// The message that tcp_stream::notify_readable() promises: a read would not wait now, because
/// bytes have come, or because the stream has ended or failed.
struct socket_ready {
  int descriptor;  ///< tcp_stream::native_handle() of the stream
};

}  // namespace troupe::io

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/unique_id.hpp>

namespace troupe::io {

/// Names one descriptor that a reactor watches, or one stream: `socket_id::make()`. Descriptors are
/// used again by the kernel at once, ids never.
using socket_id = detail::unique_id<struct socket_id_kind>;

}  // namespace troupe::io

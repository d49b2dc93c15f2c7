// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/unique_id.hpp>

namespace troupe::io {

/// Names one timeout of a reactor: `timeout_id::make()`.
using timeout_id = detail::unique_id<struct timeout_id_kind>;

}  // namespace troupe::io

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string>

namespace troupe::bench {

/// Why figures of this build mean nothing ("sanitizers: thread", "not optimised"); empty when they
/// do mean something.
[[nodiscard]] std::string build_defect();

}  // namespace troupe::bench

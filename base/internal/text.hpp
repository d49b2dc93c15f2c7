// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Names and paths that go to the system, for which they end at a zero byte.

#include <string>

namespace troupe::detail {

/// Whether the system would see another text.
bool has_zero_byte(const std::string& text) noexcept;

/// As the message of an error shows it, which a zero byte would end.
std::string shown(const std::string& text);

}  // namespace troupe::detail

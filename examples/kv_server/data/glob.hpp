// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string_view>

namespace kv {

/// Whether `text` matches `pattern`, as Redis sees it: `*`, `?`, `[a-c]`, `[^x]`, and a backslash
/// before a character that stands for itself. Takes time proportional to the product of the lengths
/// at worst, whatever the pattern. As in Redis, nothing but the empty pattern matches the empty
/// text.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace kv

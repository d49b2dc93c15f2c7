// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kv {

/// The number that `text` spells in its one canonical way: no plus sign, no leading zero, no space.
/// So what is an integer can be turned into a number and back without a trace.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// Whether `a` and `b` are equal but for the case of ASCII letters.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// ASCII letters made small.
[[nodiscard]] std::string lowercase(std::string_view text);

}  // namespace kv

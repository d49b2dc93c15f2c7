// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/protocol/arguments.hpp>

#include <cstddef>
#include <vector>

namespace kv {

/// Splits the line base[begin, end) into arguments the way Redis does: separated by white space;
/// "..." with \n, \r, \t, \b, \a, \xHH and \c for any c; '...' with \' only. Quotes and escapes are
/// removed in place, so that the arguments are views like those of any request. Appends to `list`;
/// false when quotes are unbalanced or a closing quote is followed by anything but white space.
[[nodiscard]] bool split_inline(char* base, std::size_t begin, std::size_t end,
                                std::vector<argument>& list);

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string>
#include <string_view>

namespace chat {

/// The text without what a terminal would obey: control characters, those of Unicode's second set
/// (U+0080 to U+009F, one of which is as good as ESC [) and their bare bytes as well, as a terminal
/// may read bytes that are no UTF-8 one by one. Other bytes stay, whatever they mean.
std::string printable(std::string_view text);

}  // namespace chat

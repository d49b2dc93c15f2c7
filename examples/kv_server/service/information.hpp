// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/service/session.hpp>

#include <span>
#include <string>
#include <string_view>

namespace kv {

/// The version whose answers ours are: clients look at it to know what they may send.
inline constexpr std::string_view redis_version = "7.0.15";

/// The answer to INFO: these sections, each once; all of them when no names are given, or one is
/// "default", "all" or "everything".
[[nodiscard]] std::string information(session& client, std::span<const std::string_view> names);

}  // namespace kv

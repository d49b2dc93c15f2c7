// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/service/session.hpp>

#include <string>
#include <string_view>

namespace kv {

/// The answer to INFO: one section, or all ("default", "all", "everything").
[[nodiscard]] std::string information(session& client, std::string_view section);

}  // namespace kv

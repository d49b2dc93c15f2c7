// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/command.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kv {

/// How a time to expire is given.
enum class expire_unit : std::uint8_t { seconds, milliseconds, unix_seconds, unix_milliseconds };

/// EX, PX, EXAT, PXAT.
[[nodiscard]] std::optional<expire_unit> expire_unit_named(std::string_view word);

/// The moment that argument `index` of SET says; std::nullopt after answering what is wrong with
/// it.
[[nodiscard]] std::optional<milliseconds_since_epoch> expire_time(call& c, std::size_t index,
                                                                  expire_unit unit,
                                                                  milliseconds_since_epoch now);

/// The same for EXPIRE and PEXPIRE, which accept times in the past.
[[nodiscard]] std::optional<milliseconds_since_epoch> expire_time_or_past(
    call& c, std::size_t index, expire_unit unit, milliseconds_since_epoch now);

}  // namespace kv

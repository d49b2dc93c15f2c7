// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/expire_time.hpp>
#include <examples/kv_server/commands/support.hpp>

#include <string>

namespace kv {
namespace {

std::optional<milliseconds_since_epoch> moment(std::int64_t number, expire_unit unit,
                                               milliseconds_since_epoch now) {
  std::int64_t result = number;
  if (unit == expire_unit::seconds || unit == expire_unit::unix_seconds) {
    if (__builtin_mul_overflow(result, std::int64_t{1000}, &result)) return std::nullopt;
  }
  if (unit == expire_unit::seconds || unit == expire_unit::milliseconds) {
    if (__builtin_add_overflow(result, now, &result)) return std::nullopt;
  }
  return result;
}

std::optional<milliseconds_since_epoch> answered(call& c,
                                                 std::optional<milliseconds_since_epoch> result) {
  if (!result) {
    c.out.error("ERR invalid expire time in '" + lowercase(c.arguments[0]) + "' command");
  }
  return result;
}

}  // namespace

std::optional<expire_unit> expire_unit_named(std::string_view word) {
  if (same_word(word, "ex")) return expire_unit::seconds;
  if (same_word(word, "px")) return expire_unit::milliseconds;
  if (same_word(word, "exat")) return expire_unit::unix_seconds;
  if (same_word(word, "pxat")) return expire_unit::unix_milliseconds;
  return std::nullopt;
}

std::optional<milliseconds_since_epoch> expire_time(call& c, std::size_t index, expire_unit unit,
                                                    milliseconds_since_epoch now) {
  const auto number = integer_argument(c, index);
  if (!number) return std::nullopt;
  return answered(c, *number > 0 ? moment(*number, unit, now) : std::nullopt);
}

std::optional<milliseconds_since_epoch> expire_time_or_past(call& c, std::size_t index,
                                                            expire_unit unit,
                                                            milliseconds_since_epoch now) {
  const auto number = integer_argument(c, index);
  if (!number) return std::nullopt;
  return answered(c, moment(*number, unit, now));
}

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <system_error>

namespace troupe {

/// Everything that can be answered instead of a result. Each code's message() is one sentence.
enum class errc {
  timeout = 1,    ///< the deadline passed first
  actor_down,     ///< the target has ended, or ended before it answered
  actor_failed,   ///< the target's handler threw; it has ended
  no_handler,     ///< the target has no handler for the message
  no_answer,      ///< the target handled the message without a result of the expected type
  self_ask,       ///< an actor asked itself, which could never be answered
  stopping,       ///< the system is shutting down
  mailbox_full,   ///< the target's bounded mailbox refused the message
  end_of_stream,  ///< the peer closed the connection in the middle of a read
  too_long,       ///< the delimiter did not come within the limit
  released,       ///< a descriptor is no longer watched, and open, as was asked for
};

/// The category named "troupe".
const std::error_category& category() noexcept;

std::error_code make_error_code(errc) noexcept;

}  // namespace troupe

template <>
struct std::is_error_code_enum<troupe::errc> : std::true_type {};

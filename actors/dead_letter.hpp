// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <string>

namespace troupe {

/// A message that could not be delivered.
struct dead_letter {
  enum class cause : std::uint8_t {
    receiver_ended,  ///< the receiver had ended, or ended before it came to the message
    no_handler,      ///< the receiver has no handler for that type
    late_answer,     ///< the answer came after its request had timed out or been given up
    mailbox_full,    ///< a bounded mailbox dropped it
  };

  cause why;
  std::string message_type;  ///< readable C++ type name; empty for an answer without a value
  std::uint64_t receiver;    ///< any_ref::id() of the receiver
};

/// One readable phrase.
const char* to_string(dead_letter::cause why) noexcept;

}  // namespace troupe

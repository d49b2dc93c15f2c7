// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/dead_letter.hpp>

namespace troupe {

const char* to_string(dead_letter::cause why) noexcept {
  switch (why) {
    case dead_letter::cause::receiver_ended:
      return "the receiver has ended";
    case dead_letter::cause::no_handler:
      return "the receiver has no handler for it";
    case dead_letter::cause::late_answer:
      return "the answer came too late";
    case dead_letter::cause::mailbox_full:
      return "the receiver's mailbox was full";
  }
  return "unknown";
}

}  // namespace troupe

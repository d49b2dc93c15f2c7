// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe {

/// What becomes of a message that meets a full mailbox. Control messages (answers, time-outs,
/// `down`, requests to end) are never bounded and never dropped.
enum class overflow : std::uint8_t {
  /// The sending call throws std::system_error with errc::mailbox_full.
  fail,
  /// The new message becomes a dead letter.
  drop_newest,
  /// The oldest message that waits becomes a dead letter.
  drop_oldest,
  /// The sender waits for room: a behavior or job is suspended (its worker is not), a plain thread
  /// blocks. Delayed messages, which nobody can wait for, are let in; an actor that sends to its
  /// own full mailbox gets errc::mailbox_full.
  suspend,
};

/// How many user messages an actor lets wait, those that a selective receive has passed over among
/// them: while the mailbox is full of these, what it waits for cannot come (answers, time-outs and
/// `down` can). With drop_oldest as many again may wait that it has not looked at yet. The default
/// is no bound.
struct mailbox_options {
  std::size_t capacity = 0;  ///< messages; 0: unbounded
  overflow when_full = overflow::fail;
};

}  // namespace troupe

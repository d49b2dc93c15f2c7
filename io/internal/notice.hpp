// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Messages of reactors: envelopes of kind `notice`. Until one is posted, `sender` says to whom;
// what is posted has none.

#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/task.hpp>

#include <new>
#include <type_traits>
#include <utility>

namespace troupe::io::detail {

/// Makes a request's envelope the one of its answer, so that answering needs no memory.
template <class Message>
void make_notice(troupe::detail::envelope& e, const Message& answer) noexcept {
  static_assert(std::is_trivially_destructible_v<Message> &&
                sizeof(Message) <=
                    troupe::detail::envelope_sizes[0] - troupe::detail::envelope::header_size &&
                alignof(Message) <= alignof(void*));
  ::new (e.storage()) Message(answer);
  e.type = &troupe::detail::message_type_of<Message>;
  e.kind = troupe::detail::envelope_kind::notice;
}

/// Whether the actor it is for lives: a hint, the receiver looks again.
inline bool is_wanted(const troupe::detail::envelope& e) noexcept {
  return e.sender->generation.load_seq_cst() ==
         e.target_generation;  // [owner], see reactor_mailbox.hpp
}

/// Posts a notice; false: its receiver has ended, and it is released. Its payload must be trivial.
inline bool post_notice(troupe::detail::envelope& e) noexcept {
  const bool wanted = is_wanted(e);
  troupe::detail::task& receiver = *std::exchange(e.sender, nullptr);
  if (wanted) {
    troupe::detail::post_control(receiver, e);
  } else {
    troupe::detail::release_envelope(e);
  }
  return wanted;
}

}  // namespace troupe::io::detail

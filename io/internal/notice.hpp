// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Messages of the runtime: envelopes of kind `notice`. Until one is posted, `sender` says to whom;
// what is posted has none.

#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/task.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <cstdint>
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

/// One life of an actor that is to be told of events by threads which must not fail.
class notified {
 public:
  explicit notified(troupe::detail::task& running) noexcept
      : receiver_(&running), generation_(running.generation.load_relaxed()) {}  // its own

  /// What one notice to it needs. Throws std::system_error when memory runs out. Any thread.
  troupe::detail::envelope_ptr prepare() const {
    troupe::detail::envelope_ptr e(troupe::detail::acquire_envelope(0));
    e->sender = receiver_;
    e->target_generation = generation_;
    return e;
  }

 private:
  troupe::detail::task* receiver_;
  std::uint32_t generation_;
};

/// Sends `message` to whom the envelope was prepared for; does nothing when it has ended.
template <class Message>
void send_notice(troupe::detail::envelope_ptr prepared, const Message& message) noexcept {
  make_notice(*prepared, message);
  static_cast<void>(post_notice(*prepared.release()));
}

}  // namespace troupe::io::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/mailbox/detail/message_type.hpp>
#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace troupe::detail {

class task;

/// What an envelope is for. Everything but `message` and `request` travels in the control lane.
enum class envelope_kind : std::uint8_t {
  message,    ///< user message
  request,    ///< user message whose sender waits for an answer
  reply,      ///< answer; request_id tells to what
  failure,    ///< instead of an answer: the payload is a std::error_code
  wake,       ///< I/O or a job counter answers request_id
  timeout,    ///< the deadline of request_id has passed
  exit,       ///< the receiver is to end
  monitor,    ///< the sender wants a `down` when the receiver ends
  demonitor,  ///< the sender no longer wants it
  notice,     ///< a system message handled like a user message: `down`, `socket_ready`
};

/// A message under way: an intrusive node of a mailbox lane with its payload inline.
///
/// Ownership: the sender's until pushed, then the receiver's, which gives it back to the
/// magazines of whichever worker it runs on.
struct envelope : queue_node {
  const message_type* type = nullptr;
  task* sender = nullptr;               ///< nullptr: not sent by an actor
  std::uint32_t target_generation = 0;  ///< the life of the control block it is meant for
  std::uint32_t sender_generation = 0;
  std::uint32_t request_id = 0;  ///< 0: no answer is expected
  envelope_kind kind = envelope_kind::message;
  std::uint8_t size_class = 0;  ///< which magazine it goes back to
  bool boxed = false;           ///< the payload is a pointer to the object
  std::uint8_t reserved = 0;

  /// Inline payload of the smallest size class: what is left of a cache line.
  static constexpr std::size_t header_size = 40;
  void* storage() noexcept { return reinterpret_cast<std::byte*>(this) + header_size; }

  void* payload() noexcept { return boxed ? *static_cast<void**>(storage()) : storage(); }
  template <class M>
  M& as() noexcept {
    return *std::launder(static_cast<M*>(payload()));
  }
};
static_assert(model_checked || sizeof(envelope) == envelope::header_size);

inline constexpr std::size_t envelope_sizes[] = {64, 128, 256};
inline constexpr std::size_t envelope_classes = std::size(envelope_sizes);

/// The size class whose envelopes hold such a payload inline; envelope_classes when none does.
constexpr std::size_t envelope_class_for(std::size_t size, std::size_t alignment) noexcept {
  if (alignment > alignof(void*)) return envelope_classes;
  for (std::size_t i = 0; i < envelope_classes; ++i) {
    if (size <= envelope_sizes[i] - envelope::header_size) return i;
  }
  return envelope_classes;
}

/// An envelope without payload from the calling worker's magazines, or from the calling thread's
/// when it carries no worker. Throws std::system_error when memory runs out. Any thread.
envelope* acquire_envelope(std::size_t size_class);

/// Gives back an envelope whose payload is destroyed already. Any thread.
void release_envelope(envelope& e) noexcept;

/// Destroys the payload, if the envelope has one, and gives the envelope back. Any thread; runs the
/// message's destructor, so not inside a section.
void discard_envelope(envelope& e) noexcept;

/// Destroys the payload only.
inline void destroy_payload(envelope& e) noexcept {
  if (e.type == nullptr) return;
  if (e.boxed) {
    e.type->free_boxed(e.payload());
  } else if (e.type->destroy != nullptr) {
    e.type->destroy(e.storage());
  }
  e.type = nullptr;
}

/// An envelope that holds an M made from `value`. The payload is constructed outside any section:
/// its constructor is user code.
template <class M, class Value>
envelope* make_envelope(Value&& value) {
  constexpr std::size_t inline_class = envelope_class_for(sizeof(M), alignof(M));
  constexpr bool boxed = inline_class == envelope_classes;
  envelope* const e = acquire_envelope(boxed ? 0 : inline_class);
  e->boxed = boxed;
  auto construct = [&] {
    if constexpr (boxed) {
      ::new (e->storage()) void*(new M(std::forward<Value>(value)));
    } else {
      ::new (e->storage()) M(std::forward<Value>(value));
    }
  };
  if constexpr (!boxed && std::is_nothrow_constructible_v<M, Value&&>) {
    construct();
  } else {
    try {
      construct();
    } catch (...) {
      release_envelope(*e);
      throw;
    }
  }
  e->type = &message_type_of<M>;
  return e;
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the readers that activate() starts have in common.

#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/stream_messages.hpp>
#include <troupe/base/atomic.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <system_error>

namespace troupe::detail {

/// The message by which a pump goes on: after its share of a turn, or when there is room again.
struct pump_on {};

constexpr int parts_per_turn = 16;  // arbitrary, as a worker's budget for events

/// Bytes that a pump has sent and its owner has not handled. Relaxed: the count alone is what is
/// exchanged; the pump is told of room by a message.
class unhandled_bytes {
 public:
  unhandled_bytes(std::size_t limit, any_ref pump) noexcept : limit_(limit), pump_(pump) {}

  void add(std::size_t bytes) noexcept { count_.fetch_add_relaxed(bytes); }
  /// Any thread. Exactly the one that makes room tells the pump so: a pump that has seen none waits
  /// for this.
  void remove(std::size_t bytes) noexcept;
  bool is_full() const noexcept { return count_.load_relaxed() >= limit_; }

 private:
  atomic<std::size_t> count_{0};
  std::size_t limit_;
  any_ref pump_;
};

/// What a pump may still send. It may send nothing before begin().
class send_allowance {
 public:
  bool has_begun() const noexcept { return unhandled_ != nullptr; }
  void begin(std::size_t max_unhandled, any_ref pump) {
    unhandled_ = std::make_shared<unhandled_bytes>(max_unhandled, pump);
  }
  void add(read_more wanted) noexcept {
    messages_ = wanted.messages > always - messages_ ? always : messages_ + wanted.messages;
  }

  bool may_send() const noexcept { return messages_ > 0 && !unhandled_->is_full(); }
  /// For a message of that many bytes.
  unhandled_share take(std::size_t bytes) {
    if (messages_ != always) --messages_;
    return unhandled_share(unhandled_, bytes);
  }

 private:
  std::shared_ptr<unhandled_bytes> unhandled_;
  std::size_t messages_ = 0;
};

/// Within a handler of what a pump threw: the error that it closes with. Throws the exception on
/// when there is none: a pump whose owner's mailbox refuses a message (errc::mailbox_full) ends
/// without another.
std::error_code closing_error();

/// What a pump does in one turn. When it throws, `close(error)` tells the owner why nothing more
/// comes. An actor_exit, by which the pump itself is asked to end, is no such error.
template <class Turn, class Close>
void run_or_close(Turn&& turn, Close&& close) {
  std::error_code error;
  try {
    return turn();
  } catch (const std::exception&) {
    error = closing_error();
  }
  close(error);  // may wait, as nobody may within a handler of exceptions
}

stream_id next_stream_id() noexcept;
/// Throws std::logic_error when it refers to no actor, and when the actor's mailbox drops messages:
/// nobody would notice a gap, and the closing message may be what is dropped.
void check_active_owner(const any_ref& owner);
/// Throws as activate() does, when an option is 0.
void check_active_option(const char* options, const char* field, std::size_t value);

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/detail/post.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace troupe {

template <class... Signatures>
class actor_ref;

/// A handle to any actor: sends whatever message; what the actor does not handle becomes a dead
/// letter. Trivially copyable. An actor lives until it ends, not until its last handle goes: a
/// handle may outlive its actor (and its system), and sends through it are then dead letters.
///
/// Thread-safe as a value; its functions may be called from any thread.
class any_ref {
 public:
  /// Refers to no actor; sending through it throws std::logic_error.
  constexpr any_ref() noexcept = default;

  /// Sends a copy of `message`, or the message itself when it is an rvalue. Returns at once.
  /// **Suspends** never, but for a full mailbox with overflow::suspend. **From** any thread.
  /// **Errors** std::logic_error for an empty handle; std::system_error when memory runs out, and
  /// for a full mailbox with overflow::fail; whatever the message's constructor throws.
  template <class Message>
  void send(Message&& message) const {
    detail::require_actor(block_);
    detail::post_message(
        *block_, generation_,
        *detail::make_envelope<std::remove_cvref_t<Message>>(std::forward<Message>(message)));
  }

  /// Asks the actor to end: it does so when its current message is handled; waiting calls throw
  /// actor_exit. Any thread; does nothing when the actor has ended.
  void kill() const;

  /// Whether the actor lives. A moment's truth.
  bool alive() const noexcept;

  /// The same actor through a typed handle. Unchecked: what the actor really handles is the
  /// caller's knowledge.
  template <class Ref>
  Ref as() const noexcept {
    return Ref(detail::unchecked, block_, generation_);
  }

  /// Unique within the process for the actor's life, and readable in logs: slot number and
  /// generation.
  std::uint64_t id() const noexcept;

  explicit operator bool() const noexcept { return block_ != nullptr; }
  friend bool operator==(const any_ref&, const any_ref&) noexcept = default;
  friend std::strong_ordering operator<=>(const any_ref&, const any_ref&) noexcept = default;

  /// For the layers of the runtime.
  any_ref(detail::unchecked_t, detail::control_block* block, std::uint32_t generation) noexcept
      : block_(block), generation_(generation) {}
  detail::control_block* block() const noexcept { return block_; }
  std::uint32_t generation() const noexcept { return generation_; }

 private:
  detail::control_block* block_ = nullptr;
  std::uint32_t generation_ = 0;
};

}  // namespace troupe

template <>
struct std::hash<troupe::any_ref> {
  std::size_t operator()(const troupe::any_ref& ref) const noexcept {
    return std::hash<std::uint64_t>{}(ref.id());
  }
};

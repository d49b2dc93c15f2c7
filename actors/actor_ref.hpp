// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/detail/signature.hpp>

namespace troupe {

/// A handle to an actor that is known to handle these signatures, each of the form Result(Message).
/// Everything said of any_ref holds; in addition, a message that no signature names does not
/// compile. Converts to a handle with fewer signatures, and to any_ref.
template <class... Signatures>
class actor_ref {
 public:
  constexpr actor_ref() noexcept = default;

  template <class... More>
  requires(detail::contains<Signatures, More...>&&...)
      /*implicit*/ actor_ref(const actor_ref<More...>& wider)
  noexcept : ref_(static_cast<any_ref>(wider)) {}

  /*implicit*/ operator any_ref() const noexcept { return ref_; }

  /// See any_ref::send.
  template <class Message>
  void send(Message&& message) const {
    static_assert(detail::handles<std::remove_cvref_t<Message>, Signatures...>,
                  "troupe: the actor behind this actor_ref has no signature for this message type");
    ref_.send(std::forward<Message>(message));
  }

  /// See any_ref::kill.
  void kill() const { ref_.kill(); }
  /// See any_ref::alive.
  bool alive() const noexcept { return ref_.alive(); }
  /// See any_ref::id.
  std::uint64_t id() const noexcept { return ref_.id(); }

  explicit operator bool() const noexcept { return static_cast<bool>(ref_); }
  friend bool operator==(const actor_ref&, const actor_ref&) noexcept = default;

  /// For any_ref::as.
  actor_ref(detail::unchecked_t, detail::control_block* block, std::uint32_t generation) noexcept
      : ref_(detail::unchecked, block, generation) {}

 private:
  any_ref ref_;
};

}  // namespace troupe

template <class... Signatures>
struct std::hash<troupe::actor_ref<Signatures...>> {
  std::size_t operator()(const troupe::actor_ref<Signatures...>& ref) const noexcept {
    return std::hash<troupe::any_ref>{}(ref);
  }
};

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/context.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace troupe {

/// What all handler-style actors derive from; see actor.
class actor_base {
 protected:
  actor_base() noexcept = default;
  ~actor_base() = default;
  actor_base(const actor_base&) = delete;
  actor_base& operator=(const actor_base&) = delete;

  /// The actor as seen from its own handlers; they may wait by it. Throws std::logic_error in the
  /// constructor and the destructor, where the actor does not live.
  context self() const;

 private:
  friend struct detail::behavior_access;
  detail::control_block* block_ = nullptr;
};

/// Base of an actor in handler style: a class with a handler on(Message) for each of its signatures
/// Result(Message). It owns no stack while it is idle.
///
/// ```
/// struct counter : troupe::actor<void(inc), int(get)> {
///   int n = 0;
///   void on(inc) { ++n; }
///   int on(get) { return n; }
/// };
/// ```
/// A handler takes its message by value, by const reference or by rvalue reference; its result
/// answers the request that the message may be. Handlers run one at a time. An exception that
/// leaves one ends the actor with the exception as its exit reason and fails the request.
/// Without a signature, `on(troupe::down)` handles what context::monitor() promises, and
/// `on(troupe::io::socket_ready)`, `on(troupe::io::socket_closed)` and `on(troupe::io::timeout)`
/// what reactors answer.
template <class... Signatures>
class actor : public actor_base {
 public:
  static_assert((detail::message_signature<Signatures> && ...),
                "troupe: actor<...> takes signatures of the form Result(Message)");
  using ref = actor_ref<Signatures...>;
};

/// The handle type of a handler-style actor.
template <class Actor>
using ref_of = typename Actor::ref;

}  // namespace troupe

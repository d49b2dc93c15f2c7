// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor_ref.hpp>
#include <troupe/actors/detail/ask.hpp>
#include <troupe/actors/detail/spawn.hpp>
#include <troupe/actors/down.hpp>
#include <troupe/actors/receive.hpp>
#include <troupe/actors/timer.hpp>
#include <troupe/io/reactor_ref.hpp>

#include <chrono>

namespace troupe {

class system;

/// What a behavior may do as the actor it belongs to: `self`. Valid inside that behavior only; a
/// small value, cheap to copy.
///
/// Calls that say **Suspends** may continue on another thread: hold no std::mutex and no address of
/// a thread_local across them. They throw actor_exit when the actor has been asked to end.
class context {
 public:
  explicit context(detail::control_block& block) noexcept : block_(&block) {}

  // --- identity

  /// The actor's own handle, to be handed to others. Never empty.
  any_ref ref() const noexcept;
  /// The actor's own handle with the signatures it is known by. Unchecked, see any_ref::as.
  template <class... Signatures>
  requires(sizeof...(Signatures) > 0) actor_ref<Signatures...> ref()
  const noexcept { return ref().template as<actor_ref<Signatures...>>(); }
  /// Who sent the message being handled; empty outside of a handler, or when no actor sent it.
  any_ref sender() const noexcept;
  /// The system that the actor belongs to; it outlives the actor.
  troupe::system& home() const noexcept;

  /// The reactor of the worker that runs this behavior at the moment, of any where none does (in
  /// blocking()); see also system::reactor().
  io::reactor_ref reactor() const;

  // --- messages

  /// Handles one message and returns true: the oldest that matches one of the cases. A case is a
  /// callable with one parameter of message type (its result answers a request), a
  /// when(condition, callable), or one after(delay[, callable]), whose time-out makes receive
  /// return false. What matches no case stays in the mailbox, in order. **Suspends** until a
  /// message matches.
  /// **Errors** what the handler throws, which then also fails the request.
  template <class... Cases>
  bool receive(Cases&&... cases) {
    return detail::receive(*block_, cases...);
  }

  /// Sends `message` as a request and returns the answer. **Suspends** until it comes. **Errors**
  /// std::system_error: errc::timeout, actor_down, actor_failed, no_handler, self_ask, mailbox_full
  /// (by the policy of a bounded mailbox); or naming
  /// the limit when memory runs out.
  template <class... Signatures, class Message>
  auto ask(const actor_ref<Signatures...>& to, Message&& message,
           time_span timeout = std::chrono::nanoseconds::max()) {
    using result = checked_result<Message, Signatures...>;
    std::error_code error;
    auto outcome = detail::ask_and_wait<result>(task(), to, std::forward<Message>(message),
                                                deadline(timeout), error);
    return detail::value_or_throw<result>(std::move(outcome), error, to);
  }
  /// As above; errors go to `error`, and the result is a std::optional (for void: bool). That
  /// memory runs out is an exception here, too.
  template <class... Signatures, class Message>
  auto ask(const actor_ref<Signatures...>& to, Message&& message, time_span timeout,
           std::error_code& error) {
    using result = checked_result<Message, Signatures...>;
    return detail::ask_and_wait<result>(task(), to, std::forward<Message>(message),
                                        deadline(timeout), error);
  }
  /// For a dynamic handle the result type must be named: `self.ask<int>(ref, get{})`. An answer of
  /// another type is errc::no_answer.
  template <class Result, class Message>
  Result ask(const any_ref& to, Message&& message,
             time_span timeout = std::chrono::nanoseconds::max()) {
    std::error_code error;
    auto outcome = detail::ask_and_wait<Result>(task(), to, std::forward<Message>(message),
                                                deadline(timeout), error);
    return detail::value_or_throw<Result>(std::move(outcome), error, to);
  }
  template <class Result, class Message>
  detail::asked<Result> ask(const any_ref& to, Message&& message, time_span timeout,
                            std::error_code& error) {
    return detail::ask_and_wait<Result>(task(), to, std::forward<Message>(message),
                                        deadline(timeout), error);
  }

  /// Sends `message` after `delay` (never earlier, usually within 1 ms of it), with this actor as
  /// its sender. **Suspends** never.
  template <class Message>
  timer send_after(time_span delay, const any_ref& to, Message&& message) {
    using plain = std::remove_cvref_t<Message>;
    return timer(detail::post_later(detail::core_of(*block_), to.block(), to.generation(),
                                    deadline(delay),
                                    *detail::make_envelope<plain>(std::forward<Message>(message))));
  }
  template <class... Signatures, class Message>
  timer send_after(time_span delay, const actor_ref<Signatures...>& to, Message&& message) {
    static_assert(detail::handles<std::remove_cvref_t<Message>, Signatures...>,
                  "troupe: the actor behind this actor_ref has no signature for this message type");
    return send_after(delay, any_ref(to), std::forward<Message>(message));
  }

  // --- time

  /// **Suspends** for at least that long.
  void sleep_for(time_span delay) { detail::sleep_until(deadline(delay)); }
  /// Lets every other runnable actor of this worker go first. **Suspends** if there is one.
  void yield();

  // --- life

  /// Ends the actor when its behavior returns: after the handler, or when the body returns. The
  /// next waiting call throws actor_exit. The first reason counts.
  void quit(const exit_reason& reason = exit_reason::kind::normal);

  /// Asks for a `down` message when that actor ends. Several calls while it lives count as one;
  /// each call after its end is answered at once. Demanding it of oneself does nothing.
  void monitor(const any_ref& other);
  /// Takes that back. A `down` that is under way already still comes.
  void demonitor(const any_ref& other);

  /// See system::spawn.
  template <class Actor, class... Args>
  requires detail::handler_style<Actor>
  typename Actor::ref spawn(Args&&... args) {
    return detail::spawn_handler<Actor>(detail::core_of(*block_), std::forward<Args>(args)...);
  }
  template <class... Signatures, class First, class... Rest>
  requires(detail::message_signature<Signatures>&&...) auto spawn(First&& first, Rest&&... rest) {
    return detail::spawn_direct<Signatures...>(detail::core_of(*block_), std::forward<First>(first),
                                               std::forward<Rest>(rest)...);
  }

  /// For the layers of the runtime.
  detail::control_block& block() const noexcept { return *block_; }

 private:
  template <class Message, class... Signatures>
  struct checked {
    static_assert(detail::handles<std::remove_cvref_t<Message>, Signatures...>,
                  "troupe: the actor behind this actor_ref has no signature for this message type");
    using type = detail::result_of<std::remove_cvref_t<Message>, Signatures...>;
  };
  template <class Message, class... Signatures>
  using checked_result = typename checked<Message, Signatures...>::type;

  static std::uint64_t deadline(time_span delay) noexcept {
    return detail::deadline_from_now(delay);
  }
  detail::task& task() const noexcept;

  detail::control_block* block_;
};

/// Lets every other runnable actor of this worker go first; std::this_thread::yield() on a thread
/// that carries no worker. **Suspends** if there is one.
void yield();

}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Actors, seen from programs that are built on Asio: `co_await` in an asio::awaitable, a future, a
// callback, ... See docs/asio.md.

#include <troupe/actors/detail/async.hpp>
#include <troupe/actors/system.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

namespace troupe {

/// Runs `function()`, or `function(context&)`, in an actor of `home`, where it may wait as every
/// behavior does, and completes with what it answers:
///
///     auto stream = co_await troupe::async_run(
///         sys, [] { return io::tcp_stream::connect("127.0.0.1", 80); }, asio::use_awaitable);
///
/// The completion's signature is void(std::exception_ptr) or void(std::exception_ptr, Result), with
/// whatever left the function; asio::error::operation_aborted when the actor was asked to end,
/// errc:: stopping when the system was. The handler is called by its executor, never on a worker.
/// Cancelling the operation asks the actor to end: the function's waits throw actor_exit, and the
/// completion comes when it has unwound. When the handler's context is destroyed first, the
/// function goes on, and its result is dropped: it should not refer to what the waiting coroutine
/// owns.
///
/// **Suspends** never. **From** any thread. `home` must outlive the call, and is outlived by none
/// of its actors. A Result other than void has a default constructor.
template <class Function, class Token>
auto async_run(system& home, Function&& function, Token&& token) {
  using body = std::decay_t<Function>;
  return asio::async_initiate<Token, detail::async_signature<detail::async_result_of<body>>>(
      detail::start_async_run{&home.core()}, token, body(std::forward<Function>(function)));
}

/// Asks an actor, as context::ask does; **Errors** as there, and as async_run.
template <class... Signatures, class Message, class Token>
auto async_ask(system& home, const actor_ref<Signatures...>& to, Message&& message,
               time_span timeout, Token&& token) {
  using plain = std::remove_cvref_t<Message>;
  static_assert(detail::handles<plain, Signatures...>,
                "troupe: the actor behind this actor_ref has no signature for this message type");
  return async_run(
      home,
      [to, timeout, message = plain(std::forward<Message>(message))](context& self) mutable {
        return self.ask(to, std::move(message), timeout);
      },
      std::forward<Token>(token));
}
/// For a dynamic handle the result type must be named: `async_ask<int>(sys, ref, get{}, 1s,
/// token)`.
template <class Result, class Message, class Token>
auto async_ask(system& home, const any_ref& to, Message&& message, time_span timeout,
               Token&& token) {
  using plain = std::remove_cvref_t<Message>;
  return async_run(
      home,
      [to, timeout, message = plain(std::forward<Message>(message))](context& self) mutable {
        return self.ask<Result>(to, std::move(message), timeout);
      },
      std::forward<Token>(token));
}

}  // namespace troupe

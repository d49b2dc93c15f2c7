// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/detail/acceptor.hpp>
#include <troupe/actors/detail/server.hpp>
#include <troupe/actors/new_connection.hpp>
#include <troupe/actors/serve_options.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace troupe {

/// What serve() answers: kill() ends the server and its connections at once, drain in order.
using server_ref = actor_ref<std::size_t(drain), std::size_t(count_connections)>;

/// Serves a listener (io::tcp_listener, io::local_listener): an actor for each connection, which
/// runs a copy of `handler` as `handler(context&, stream)` and ends when that returns. `where` is a
/// system, or the context of a behavior. The server is an actor in handler style, without a stack
/// of its own; its connections do not outlive it. An exception that leaves the handler ends that
/// connection and nothing else; see serve_options. When descriptors or memory run out, newcomers
/// wait in the backlog. On drain, each connection's actor gets a message `draining`: a handler that
/// waits for further requests should end by it, or is killed at the deadline.
/// **Suspends** never. **From** wherever `where` spawns. **Errors** as spawn();
/// std::invalid_argument for a bad option.
///
/// ```
/// auto server = troupe::serve(sys, io::tcp_listener::bind("127.0.0.1", 7000), echo);
/// ...
/// sys.ask(server, troupe::drain{5s});
/// ```
template <class Where, class Listener, class Handler>
server_ref serve(Where&& where, Listener listener, Handler&& handler, serve_options options = {}) {
  using plain = std::decay_t<Handler>;
  static_assert(std::invocable<plain&, context&, typename Listener::stream_type>,
                "troupe: serve() calls its handler as handler(troupe::context&, stream)");
  static_assert(std::copy_constructible<plain>,
                "troupe: serve() gives each connection a copy of its handler");
  detail::check_max_connections("serve_options", options.max_connections);
  const auto started = where.template spawn<detail::server<Listener, plain>>(
      spawn_options{.name = "serve"}, std::move(listener), std::forward<Handler>(handler),
      std::move(options));
  started.send(detail::accept_now{});
  return started;
}

/// What accept_for() answers: kill() ends it, and closes the listener.
using acceptor_ref = actor_ref<std::size_t(count_connections)>;

/// Accepts the connections of a listener for another actor: `owner` gets a message
/// new_connection<stream> for each, and must handle it; while its mailbox is full and refuses them
/// (overflow::fail), newcomers wait. Ends when the owner does. `where` and what else is left open
/// here: as said of serve().
/// **Suspends** never. **From** wherever `where` spawns. **Errors** as spawn();
/// std::invalid_argument for a bad option.
template <class Where, class Listener>
acceptor_ref accept_for(Where&& where, Listener listener, const any_ref& owner,
                        accept_options options = {}) {
  detail::require_actor(owner.block());
  detail::check_max_connections("accept_options", options.max_connections);
  const auto started = where.template spawn<detail::acceptor<Listener>>(
      spawn_options{.name = "accept_for"}, std::move(listener), owner, options);
  started.send(detail::accept_now{});
  return started;
}
template <class Where, class Listener, class... Signatures>
acceptor_ref accept_for(Where&& where, Listener listener, const actor_ref<Signatures...>& owner,
                        accept_options options = {}) {
  static_assert(detail::handles<new_connection<typename Listener::stream_type>, Signatures...>,
                "troupe: the owner has no signature for new_connection of this listener's streams");
  return accept_for(std::forward<Where>(where), std::move(listener), any_ref(owner), options);
}

}  // namespace troupe

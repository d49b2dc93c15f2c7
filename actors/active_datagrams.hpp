// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/active.hpp>
#include <troupe/actors/datagram_messages.hpp>
#include <troupe/actors/detail/datagram_pump.hpp>
#include <troupe/io/datagram_socket.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>

namespace troupe {

/// How activate() receives; std::invalid_argument names a field that is out of range.
struct active_datagram_options {
  /// As active_options::messages.
  std::size_t messages = always;
  /// It stops receiving while more bytes than that have been sent and not been handled: a datagram
  /// counts, with 128 bytes for itself, until it is destroyed. From 1. One may exceed it. Meanwhile
  /// the kernel keeps some, and drops further ones (UDP) or lets their senders wait.
  std::size_t max_unhandled = std::size_t{256} * 1024;
  /// Bytes of a datagram; a longer one is truncated. From 1. None of UDP's is longer than the
  /// default.
  std::size_t max_size = std::size_t{64} * 1024;
};

/// The receiver and how its socket is named in its messages.
struct active_datagrams {
  active_ref reader;
  stream_id id;
};

/// Sends what comes to a datagram socket, io::udp_socket or io::local_datagram, to `owner`, as
/// messages: a datagram<Socket> each, in order, and one datagrams_closed behind them when there can
/// be no more. That a peer was not there for a datagram sent before (ECONNREFUSED and other errors
/// of that kind) ends nothing, and is not told, unless there is no end of it: 1000 in a row. As
/// said of a stream's activate(): the receiver is an actor in handler style; the socket stays
/// shared with whoever sends by it; nobody else may receive from it, or close() it, before the
/// receiver has ended, which it does after datagrams_closed, by kill(), when the owner ends, and
/// when the owner's bounded mailbox refuses a message. **Suspends** never. **From** wherever
/// `where` spawns.
/// **Errors** as spawn(); std::invalid_argument for a bad option; std::logic_error for no socket,
/// no owner, and an owner whose mailbox drops messages.
template <class Where, std::derived_from<io::datagram_socket> Socket>
active_datagrams activate(Where&& where, std::shared_ptr<Socket> socket, const any_ref& owner,
                          active_datagram_options options = {}) {
  constexpr const char* name = "active_datagram_options";
  detail::check_active_owner(owner);
  if (socket == nullptr) throw std::logic_error("troupe: activate() without a socket");
  detail::check_active_option(name, "max_unhandled", options.max_unhandled);
  detail::check_active_option(name, "max_size", options.max_size);
  const stream_id id = detail::next_stream_id();
  const auto started = where.template spawn<detail::datagram_pump<Socket>>(
      spawn_options{.name = "activate"},
      detail::datagram_setup<Socket>{std::move(socket), owner, id, options.max_unhandled,
                                     options.max_size});
  started.send(read_more{options.messages});
  return {started, id};
}

}  // namespace troupe

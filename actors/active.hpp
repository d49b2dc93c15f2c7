// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/detail/stream_pump.hpp>
#include <troupe/actors/stream_messages.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>

namespace troupe {

/// How activate() reads; std::invalid_argument names a field that is out of range.
struct active_options {
  /// Messages until it waits for read_more: 1 is Erlang's `once`, 0 none at first, always without
  /// end.
  std::size_t messages = always;
  /// It stops reading while more bytes than that have been sent and not been handled: a tcp_data
  /// counts, with 128 bytes for itself, until it is destroyed. From 1. One read, or one frame, may
  /// exceed it.
  std::size_t max_unhandled = std::size_t{256} * 1024;
  /// Finds the frames that become messages each; without one, bytes are sent as they come.
  std::shared_ptr<io::framer> framing{};
  /// Bytes that an incomplete frame may have, with what marks it off: errc::too_long. From 1.
  std::size_t max_frame = std::size_t{64} * 1024;
};

/// What activate() answers: by kill() it reads no more.
using active_ref = actor_ref<void(read_more)>;

/// The reader and how it is named in its messages.
struct active_stream {
  active_ref reader;
  stream_id id;
};

/// Sends what comes through a stream to `owner`, as messages: a tcp_data for each part, or each
/// frame, in order, and one tcp_closed behind them when there will be no more. The stream's reader
/// is an actor in handler style, without a stack; the stream stays shared with whoever writes to
/// it. Nobody else may read from it, or close() it, before the reader has ended, which it does
/// after tcp_closed, by kill(), when the owner ends, and, without a tcp_closed, when the owner's
/// bounded mailbox refuses a message (overflow::fail). `where` is a system, or the context of a
/// behavior.
/// **Suspends** never. **From** wherever `where` spawns. **Errors** as spawn();
/// std::invalid_argument for a bad option; std::logic_error for no stream, no owner, and an
/// owner whose mailbox drops messages, of which some might be these (overflow::drop_newest,
/// drop_oldest).
template <class Where, std::derived_from<io::stream> Stream>
active_stream activate(Where&& where, std::shared_ptr<Stream> stream, const any_ref& owner,
                       active_options options = {}) {
  detail::check_active_owner(owner);
  if (stream == nullptr) throw std::logic_error("troupe: activate() without a stream");
  detail::check_active_option("active_options", "max_unhandled", options.max_unhandled);
  detail::check_active_option("active_options", "max_frame", options.max_frame);
  const stream_id id = detail::next_stream_id();
  const auto started = where.template spawn<detail::stream_pump>(
      spawn_options{.name = "activate"},
      detail::pump_setup{std::move(stream), owner, id, options.max_unhandled,
                         std::move(options.framing), options.max_frame});
  started.send(read_more{options.messages});
  return {started, id};
}

}  // namespace troupe

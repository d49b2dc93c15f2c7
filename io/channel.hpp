// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/socket_ptr.hpp>
#include <troupe/io/socket_id.hpp>
#include <troupe/io/socket_ready.hpp>

#include <cstddef>
#include <utility>

namespace troupe::detail {
class task;
}

namespace troupe::io {

namespace detail {
class tls_connection;
}

/// What streams, listeners and datagram sockets have in common: a descriptor that a behavior can
/// wait for, and that is closed when its owner is destroyed.
///
/// **From**: anywhere, unless said otherwise. A channel may be moved to another actor (an argument
/// of spawn, a message). Two actors may use one at the same time only as its one reader and its one
/// writer: a second one that would have to wait in the same direction, and a close() beside a
/// waiting call, get std::logic_error. To destroy a channel closes it, from any thread, at once. A
/// call on one that is not open fails with std::errc::bad_file_descriptor.
class channel {
 public:
  /// Whether there is a descriptor, also when the peer has gone.
  bool is_open() const noexcept { return socket_ != nullptr; }
  /// is_open().
  explicit operator bool() const noexcept { return is_open(); }
  /// Names this channel and no other, wherever it is moved; empty when it is not open.
  socket_id id() const noexcept;
  /// The descriptor, which stays the channel's; -1 when it is not open.
  int native_handle() const noexcept;

  /// From now on, worker number `worker` of the caller's system watches the channel, and wakes who
  /// waits in it; the behaviors that use it go where work is done, as ever. Nothing is lost,
  /// whatever is under way: any actor may call it while others read and write. Without it, the
  /// worker on which it was first waited for watches a channel, and accepted ones are spread in
  /// turn. **Suspends** never. **From** a behavior or a job, else std::logic_error. **Errors**
  /// std::out_of_range; std::system_error, with nothing changed.
  void move_to(std::size_t worker);

  /// Closes the descriptor. Does nothing when it is not open. **Suspends** never. **Errors**
  /// std::logic_error when another actor waits in this channel.
  void close();

  /// Asks for one message io::socket_ready of id() to the calling actor when the channel
  /// can be read (a listener: when accept() would not wait): something has come, or it has ended or
  /// failed; at once when that is so already. At most one request stands per channel: another one
  /// by the same actor counts as the same, one by another actor replaces it. close() takes it back.
  /// Then receive(...) waits for the channel and for other messages together, and a call that never
  /// waits (try_read, try_accept, try_receive) takes what is there. The message may, rarely, come
  /// for nothing: ask again then.
  /// **Suspends** never. **From** the actor's behavior. **Errors** std::system_error.
  template <class Context>
  void notify_readable(const Context& self) {
    request_notice(self.block());
  }

 protected:
  channel() noexcept = default;
  channel(channel&&) noexcept = default;
  channel& operator=(channel&&) noexcept = default;
  explicit channel(detail::socket_ptr socket) noexcept : socket_(std::move(socket)) {}
  ~channel() = default;

  detail::socket_ptr socket_;

 private:
  friend class detail::tls_connection;  // which may have read what nobody has taken yet

  /// `has_more`: reading would not wait whatever the descriptor says.
  void request_notice(troupe::detail::task& receiver, bool has_more = false);
};

}  // namespace troupe::io

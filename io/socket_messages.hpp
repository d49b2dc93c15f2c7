// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What is sent to a reactor about sockets (reactor_ref::send), and what it answers. A socket is
// here whatever descriptor epoll takes: a socket of any kind, a pipe, an eventfd, a timerfd, a
// pidfd, inotify.

#include <troupe/io/receiver.hpp>
#include <troupe/io/socket_id.hpp>
#include <troupe/io/socket_ready.hpp>

#include <cstdint>
#include <system_error>

namespace troupe::io {

/// What is worth a socket_ready. Errors and hang-ups are reported with any of them but `none`.
enum class interest : std::uint8_t { none = 0, readable = 1, writable = 2, both = 3 };

/// Asks a reactor to watch `descriptor`, which it owns from here on: it alone closes it, and nobody
/// else may. `to` gets one socket_ready for what `wanted` names, when that is so, at once if it is
/// so already. Then the registration is *disarmed*: nothing more comes before modify_socket asks
/// again, so that at most one socket_ready of each registration waits in a mailbox.
///
/// The registration ends with exactly one socket_closed to `to`, and the descriptor is closed by
/// then:
/// - after close_socket, without a reason; or with errc::released, when that was to keep it open;
/// - when the kernel cannot watch it: EPERM (a regular file, a directory), EBADF, ENOSPC
///   (fs.epoll.max_user_watches), ENOMEM;
/// - with std::errc::file_exists when the descriptor is registered already under another id, here
///   or elsewhere, or belongs to a channel (channel::native_handle()). It stays open then, and the
///   other one's;
/// - with EBADF or ENOENT, at the next modify_socket, when somebody else has closed it, by mistake.
///   Its number may stand for another file then, which is left alone;
/// - with errc::stopping when the reactor's system ends, or has ended before the request came.
/// When `to` has ended, or ends, the descriptor is closed, and there is nobody to tell; counted in
/// reactor_statistics::orphans. That is after the destructor of `to`, which may still use it.
///
/// An id is for one registration. A request with one that is in use is a mistake that is counted
/// (reactor_statistics::refused), not answered; its descriptor is closed, unless it is registered
/// or belongs to a channel.
///
/// The descriptor should not block (O_NONBLOCK): a readiness is no promise. Its flags are left
/// alone. It is closed on the worker's own time: set no SO_LINGER that waits.
struct register_socket {
  socket_id id;
  int descriptor = -1;
  interest wanted = interest::none;
  receiver to;
};

/// Arms the registration for one socket_ready, for what `wanted` names from now on; replaces what
/// it was armed for. `none` disarms it, but a socket_ready that is under way still comes. Errors
/// and hang-ups last: each request reports them anew. Does nothing, but is counted
/// (reactor_statistics::unknown), when no such id is registered with this reactor: it never was, it
/// is closed, its owner has ended.
struct modify_socket {
  socket_id id;
  interest wanted = interest::none;
};

/// Ends the registration: the descriptor is closed, then the owner gets socket_closed. A
/// socket_ready that is under way still comes, before it. As modify_socket when no such id is
/// registered; so closing twice does no harm, and is answered once.
///
/// With `keep_open` the descriptor is not closed, but belongs to the owner again when it gets
/// socket_closed with errc::released, and to nobody's reactor: it may be registered anew, with
/// whatever reactor, under a new id. No byte is lost by that, and no event, since readiness is a
/// state that the next reactor reports; a socket_ready that was under way comes first. EBADF or
/// ENOENT instead of errc::released: somebody else has closed it, by mistake. An owner that has
/// ended does not get it back: it is closed. One that ends before it has read the answer leaves it
/// open, unless its destructor gives it back: by another register_socket to the same reactor, which
/// changes nothing while it is still registered there. It may do so to a reactor of its own system,
/// and while no socket_closed of the old id can be unread for another reason: else the reactor may
/// have closed the descriptor, and its number may stand for another file by now, which the
/// register_socket would close.
struct close_socket {
  socket_id id;
  bool keep_open = false;
};

/// The answer that ends a registration; see register_socket.
struct socket_closed {
  socket_id id;
  std::error_code reason;  ///< none: by close_socket; errc::released: the descriptor is open
};

}  // namespace troupe::io

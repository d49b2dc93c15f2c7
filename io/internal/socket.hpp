// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What is behind a stream or a listener. Sockets live in type-stable memory: the reactor's thread
// may look at one whose life has just ended, and then does no more harm than a needless wake-up.
//
// Roles: the owner (who has the socket_ptr; a stream's reader and writer may be two behaviors) and
// the reporter, the thread that polls the edge_set which watches the socket. A socket is watched
// from its first wait on, by a reactor of the system in which it waits; when it waits in another
// system later, it moves there. It may move to another reactor at any moment, also while it is
// waited in: its new edge_set reports once more whatever is so at that moment, and what the old one
// has in hand still comes; readiness bears that.

#include <troupe/base/cache_line.hpp>
#include <troupe/base/spin_lock.hpp>
#include <troupe/io/detail/socket_ptr.hpp>
#include <troupe/io/internal/edge_set.hpp>
#include <troupe/io/internal/event_source.hpp>
#include <troupe/io/internal/readiness.hpp>
#include <troupe/io/internal/socket_limits.hpp>
#include <troupe/io/socket_id.hpp>
#include <troupe/scheduler/detail/task.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <system_error>

namespace troupe::io::detail {

class alignas(troupe::detail::cache_line) socket : public event_source {
 public:
  /// For the memory that sockets live in.
  socket() noexcept : event_source(&socket::report, true) {}

  /// Watched by whichever worker it waits on first.
  static constexpr std::uint32_t any_turn = UINT32_MAX;

  /// Makes `descriptor`, which it owns from here on, also when it throws, the descriptor of a
  /// socket that is watched by worker `turn` modulo their number. Throws std::system_error.
  static socket_ptr open(int descriptor, std::uint32_t turn = any_turn);
  /// Nobody but move_to() changes its worker from now on.
  void place() noexcept;

  /// Lets a reactor of `self`'s system watch the socket. Called by the running task, outside a
  /// section. Throws std::logic_error when the system has no reactors.
  [[nodiscard]] std::error_code watch(const troupe::detail::task& self);
  /// From now on, worker number `worker` of `self`'s system watches it, at once if one of that
  /// system does already, and else from its next wait there on. With an error, nothing has changed.
  /// As watch(); waits in it go on.
  [[nodiscard]] std::error_code move_to(const troupe::detail::task& self, std::uint32_t worker);
  /// Moves it from `from` to `to`, both of one system, unless it is in other hands by now or its
  /// worker was chosen. Within a section.
  [[nodiscard]] bool try_move(const edge_set& from, troupe::detail::worker& to) noexcept;
  /// Whether readiness is kept up to date: else only a system call tells.
  bool is_watched() noexcept;

  /// Asks for one `notice` with a socket_ready to `receiver`, the running task, outside a section.
  /// `has_more`: at once, whatever the descriptor says.
  void request_notice(troupe::detail::task& receiver, bool has_more);

  /// Whether somebody waits in it: it must not be closed.
  bool is_waited_in() const noexcept { return input.is_waited_for() || output.is_waited_for(); }

  /// The limits; nullptr while none was ever set.
  socket_limits* limits() noexcept { return has_limits_.load_relaxed() ? &limits_ : nullptr; }
  /// To set one.
  socket_limits& make_limits() noexcept {
    has_limits_.store_relaxed(true);
    return limits_;
  }
  std::chrono::nanoseconds read_limit() const noexcept {
    return has_limits_.load_relaxed() ? limits_.read : no_limit;
  }
  std::chrono::nanoseconds write_limit() const noexcept {
    return has_limits_.load_relaxed() ? limits_.write : no_limit;
  }

  // First cache line: the only one of the socket that a call without limits touches. With a
  // thousand connections, none of their lines is still in a near cache.

  /// Whether a read that took less than it could is no proof that a further one would block.
  /// Written by the reporter, published by readiness [edge].
  troupe::detail::atomic<bool> lasting_news{false};
  /// An end of a pipe: its bytes are moved by other system calls. Written once, after open().
  bool is_pipe = false;
  /// Whether a read that takes less than it could has taken all there was. So with TCP; a Unix
  /// domain socket stops behind descriptors, a pipe in packet mode behind each packet. As above;
  /// a listener's is that of its connections.
  bool short_read_drains = false;

 private:
  /// Whether a limit was ever set in this life. Relaxed: a side sees what it set itself.
  troupe::detail::atomic<bool> has_limits_{false};
  troupe::detail::spin_lock watching_;  ///< guards home_, watcher_, turn_ and is_placed_

 public:
  readiness input;
  readiness output;

 private:
  friend struct socket_closer;
  static void report(event_source& source, news n) noexcept;
  void close() noexcept;
  /// Of `home`, whose reactor watches it from now on.
  std::error_code change_watcher(troupe::detail::worker& to, const troupe::detail::scheduler* home);

  readiness notice_;
  const troupe::detail::scheduler* home_ = nullptr;
  std::shared_ptr<edge_set> watcher_;  ///< the pointer ends the first line

  // Second cache line.

  std::uint32_t turn_ = any_turn;
  bool is_placed_ = false;   ///< somebody has chosen its worker
  bool is_claimed_ = false;  ///< written by open(), read by close()

 public:
  /// What a rebalancer counts, and moves: not a listener, nor a datagram socket. Relaxed: a hint.
  troupe::detail::atomic<bool> is_stream{false};
  /// The last period of a rebalancer in which it was ready. Relaxed: a hint.
  troupe::detail::atomic<std::uint32_t> ready_period{0};
  socket_id id;

 private:
  socket_limits limits_;
};
static_assert(sizeof(socket) <= 2 * troupe::detail::cache_line, "something has slipped a line");

}  // namespace troupe::io::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>

#include <cstddef>
#include <cstdint>
#include <system_error>

namespace troupe::io::detail {

class socket;

/// The sockets that one reactor watches, by edge-triggered epoll. A socket is added once, and from
/// then on costs no system call beside its own reads and writes: see docs/decisions/0004.
///
/// Any thread adds and removes; one at a time waits. A socket may be closed while its events are
/// being handed out: sockets live in type-stable memory, and events name the life of the socket
/// they are for. Orderings:
///   [add] the count: whoever waits acquires every socket that was constructed and added.
class edge_set {
 public:
  /// Throws std::system_error.
  edge_set();
  ~edge_set();
  edge_set(const edge_set&) = delete;
  edge_set& operator=(const edge_set&) = delete;

  /// Watches a socket until its descriptor is closed. What has happened already is reported as
  /// well.
  [[nodiscard]] std::error_code add(socket& s) noexcept;
  /// The socket has been closed; or, `still_open`, is watched elsewhere from now on.
  void remove(const socket& s, bool still_open) noexcept;
  /// Nobody will wait any more. Sockets that are still there must be watched elsewhere.
  void retire() noexcept { retired_.store_release(true); }
  bool is_retired() const noexcept { return retired_.load_acquire(); }
  /// Whether it watches anything.
  bool watches() const noexcept { return sockets_.load_relaxed() != 0; }

  /// Waits for an event until `deadline_ns` of the steady clock (0: not at all), and reports up to
  /// `budget` events to their sockets; their number. Within a section.
  std::size_t wait(std::uint64_t deadline_ns, std::size_t budget) noexcept;

  /// Whether wait() would find an event. Any thread, also in a signal handler.
  bool has_events() const noexcept;

  /// Ends the current or else the next wait().
  void interrupt() noexcept;

  /// Readable when there are events.
  int descriptor() const noexcept { return epoll_; }

 private:
  int wait_for(void* events, int most, std::uint64_t deadline_ns) noexcept;

  int epoll_;
  int interrupter_ = -1;  // an eventfd that is never read: each write is another edge
  bool coarse_ = false;   // there is no epoll_pwait2
  troupe::detail::atomic<std::size_t> sockets_{0};
  troupe::detail::atomic<bool> retired_{false};
};

}  // namespace troupe::io::detail

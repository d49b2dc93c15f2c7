// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/io/internal/event_source.hpp>
#include <troupe/io/internal/rebalancer.hpp>
#include <troupe/io/socket_messages.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <system_error>

namespace troupe::io::detail {

/// What one reactor watches, by epoll. A socket is added once, edge-triggered, and from then on
/// costs no system call beside its own reads and writes: see docs/decisions/0004. What actors have
/// registered is armed anew, by a system call, for each report.
///
/// Any thread adds and removes; one at a time waits. A source may be closed while its events are
/// being handed out: sources live in type-stable memory, and events name the life of the source
/// they are for. Orderings:
///   [add] the count: whoever waits acquires every source that was constructed and added.
class edge_set {
 public:
  /// Throws std::system_error.
  edge_set();
  ~edge_set();
  edge_set(const edge_set&) = delete;
  edge_set& operator=(const edge_set&) = delete;

  /// Events of one wait(), at most.
  static constexpr std::size_t most_events = 64;  // arbitrary: 768 bytes of stack

  /// What counts sockets that are ready, and may move them. Before the first wait().
  void count_for(rebalancer& r) noexcept { rebalancer_ = &r; }

  /// Watches a source until its descriptor is closed, for every change. What has happened already
  /// is reported as well.
  [[nodiscard]] std::error_code add(event_source& s) noexcept;
  /// Watches a source for one report of what is wanted, which comes at once when it is so already.
  [[nodiscard]] std::error_code add_once(event_source& s, interest wanted) noexcept;
  /// The next report of a source that was added for one.
  [[nodiscard]] std::error_code rearm(event_source& s, interest wanted) noexcept;
  /// The source is closed, or about to be; or, `still_open`, its descriptor may outlive that.
  void remove(const event_source& s, bool still_open) noexcept;
  /// Nobody will wait any more. Sockets that are still there must be watched elsewhere.
  void retire() noexcept { retired_.store_release(true); }
  bool is_retired() const noexcept { return retired_.load_acquire(); }
  /// Whether it watches anything. Sequentially consistent for [rarely], see worker.hpp.
  bool watches() const noexcept { return sources_.load_seq_cst() != 0; }

  /// Waits for an event until `deadline_ns` of the steady clock (0: not at all), calls `awake`, and
  /// reports up to `budget` events to their sources; their number. Within a section.
  std::size_t wait(std::uint64_t deadline_ns, std::size_t budget,
                   const std::function<void()>& awake = {}) noexcept;

  /// Whether wait() would find an event of a source: where there is none, what it would find is an
  /// interrupt() that came too late for the wait before. Any thread, also in a signal handler.
  bool has_events() const noexcept;

  /// Ends the current or else the next wait().
  void interrupt() noexcept;

  /// Readable when there are events.
  int descriptor() const noexcept { return epoll_; }

  ready_count ready_sockets;  ///< the rebalancer's

 private:
  std::error_code control(int operation, event_source& s, std::uint32_t events) noexcept;
  void report(std::uint64_t tag, std::uint32_t events) noexcept;
  int wait_for(void* events, int most, std::uint64_t deadline_ns) noexcept;

  rebalancer* rebalancer_ = nullptr;
  int epoll_;
  int interrupter_ = -1;  // an eventfd that is never read: each write is another edge
  bool coarse_ = false;   // there is no epoll_pwait2
  troupe::detail::atomic<std::size_t> sources_{0};
  troupe::detail::atomic<bool> retired_{false};
};

}  // namespace troupe::io::detail

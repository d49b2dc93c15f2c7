// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/spin_lock.hpp>
#include <troupe/scheduler/internal/carrier.hpp>

#include <cstddef>
#include <thread>

namespace troupe::detail {

/// All carriers of one scheduler: at first one for each worker, then as many as are needed beside,
/// up to a bound. They live until the scheduler stops.
class carrier_pool {
 public:
  carrier_pool(scheduler& home, std::size_t most) noexcept : home_(home), most_(most) {}
  ~carrier_pool();
  carrier_pool(const carrier_pool&) = delete;
  carrier_pool& operator=(const carrier_pool&) = delete;

  /// Starts a carrier: for `w`, or a spare when that is nullptr. Throws std::system_error naming
  /// the limit. Threads that are no carriers; one at a time. It allocates, so the caller may come
  /// to wait for a behavior that is frozen in a malloc of the program's own: nobody may wait for
  /// the caller.
  void start(worker* w, preemptor* watcher);
  bool is_full() const noexcept { return size_.load_relaxed() >= most_; }  // [count]
  /// Whether there may be another one soon: not at the bound, nor while threads cannot be had.
  bool can_grow() const noexcept { return !is_full() && !failed_.load_relaxed(); }  // [count]
  std::size_t most() const noexcept { return most_; }

  /// A spare for the caller to give a worker to; nullptr: there is none, or somebody else is just
  /// taking one. In a section, or in a signal handler outside sections.
  carrier* try_take_spare() noexcept;

  /// The calling carrier becomes a spare. Returns true when it has got a worker, false when it is
  /// to end.
  bool rest(carrier& c) noexcept;

  /// Ends the carriers' threads, each when it is a spare, and joins them. The carriers stay: others
  /// may still look at them.
  void stop() noexcept;

  /// Calls `visit(carrier&)` for each one, also for one whose thread is only about to start. Any
  /// thread, without a lock (rule R6).
  template <class Visit>
  void for_each(Visit visit) {
    for (member* m = newest_.load_seq_cst(); m != nullptr; m = m->before) visit(m->self);  // [tick]
  }

 private:
  /// Constant once published in `newest_`, but for what `self` says of its own.
  struct member {
    explicit member(scheduler& home) : self(home) {}
    carrier self;
    std::thread thread;  ///< the starter's; none when it could not be had
    member* before = nullptr;
  };

  member& next_member(preemptor* watcher);

  scheduler& home_;
  const std::size_t most_;
  /// A list that only grows: the starter publishes a carrier, complete, before its thread begins.
  /// Sequentially consistent for the monitor's sake, which walks it after it has said that it
  /// sleeps: see [tick] in preempt/internal/monitor.hpp.
  atomic<member*> newest_{nullptr};
  member* threadless_ = nullptr;  // published, but its thread could not be had; the starter's
  atomic<std::size_t> size_{0};   // of those with threads
  atomic<bool> failed_{false};    // whether the latest start() has
  spin_lock lock_;                // guards spares_ and stopped_
  carrier* spares_ = nullptr;
  bool stopped_ = false;
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace troupe::detail {

class worker;

/// What a worker parks in, so that I/O, timers and wake-ups end the same wait. `io` implements it.
class poller {
 public:
  virtual ~poller() = default;

  /// Handles up to `budget` events that are there already; their number. The worker's carrier,
  /// within a section.
  virtual std::size_t poll(std::size_t budget) = 0;

  /// Sleeps until an event, a wake() or `deadline_ns` of the steady clock, calls `awake`, which
  /// must not throw, and then handles up to `budget` events; their number. The worker's carrier,
  /// within a section.
  virtual std::size_t wait_until(std::uint64_t deadline_ns, std::size_t budget,
                                 const std::function<void()>& awake) = 0;

  /// Ends the current or else the next wait_until(). Any thread.
  virtual void wake() noexcept = 0;

  /// Whether events can come at all, that is, whether poll() is worth its system call.
  virtual bool has_interest() const noexcept = 0;

  /// Whether poll() is worth its system call, and would find something. The worker's carrier, in a
  /// signal handler.
  virtual bool is_ready() const noexcept = 0;

  /// Whose it is. Other threads may have found it before; nobody sleeps in it yet.
  void belong_to(worker& owner) noexcept { owner_.store_release(&owner); }  // pairs with owner()

 protected:
  worker* owner() const noexcept { return owner_.load_acquire(); }  // pairs with belong_to()

 private:
  atomic<worker*> owner_{nullptr};
};

/// Makes the poller of worker number `index`.
using poller_factory = std::function<std::unique_ptr<poller>(std::size_t index)>;

}  // namespace troupe::detail

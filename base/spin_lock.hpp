// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/base/section.hpp>

#include <sched.h>

namespace troupe::detail {

/// A lock for a few instructions of runtime state that several threads touch rarely.
///
/// Holding it implies a no-preempt section: a holder is never frozen, so a spinning waiter waits
/// for a few instructions only, or for the kernel to run the holder again.
class spin_lock {
 public:
  void lock() noexcept {
    enter_section();
    for (int spins = 0; locked_.exchange_acquire(true); ++spins) {  // pairs with unlock's release
      if (spins < 64) {
        spin_pause();
      } else {
        ::sched_yield();  // the kernel has descheduled the holder: let it run
      }
    }
  }
  /// Does not wait: false when somebody holds it.
  [[nodiscard]] bool try_lock() noexcept {
    enter_section();
    if (!locked_.exchange_acquire(true)) return true;  // pairs with unlock's release
    leave_section();
    return false;
  }
  void unlock() noexcept {
    locked_.store_release(false);  // pairs with lock's acquire
    leave_section();
  }

 private:
  atomic<bool> locked_{false};
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/futex_poller.hpp>

#include <troupe/base/clock.hpp>

#include <cerrno>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe::detail {

std::size_t futex_poller::wait_until(std::uint64_t deadline_ns, std::size_t) {
  timespec deadline{static_cast<time_t>(deadline_ns / 1'000'000'000),
                    static_cast<long>(deadline_ns % 1'000'000'000)};
  timespec* const limit = deadline_ns == never_ns ? nullptr : &deadline;
  // Acquire: what the waker wrote before wake() is seen by the search that follows.
  while (woken_.exchange_acquire(0) == 0) {
    const long result = ::syscall(SYS_futex, &woken_, FUTEX_WAIT_BITSET_PRIVATE, 0, limit, nullptr,
                                  FUTEX_BITSET_MATCH_ANY);
    if (result == -1 && errno == ETIMEDOUT) break;
  }
  return 0;
}

void futex_poller::wake() noexcept {
  if (woken_.exchange_release(1) == 0) {  // pairs with wait_until's acquire
    ::syscall(SYS_futex, &woken_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
}

}  // namespace troupe::detail

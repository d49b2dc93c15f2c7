// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/gate.hpp>

#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe::detail {

void gate::open() noexcept {
  open_.exchange_release(1);  // pairs with pass()
  ::syscall(SYS_futex, &open_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void gate::pass() noexcept {
  while (open_.exchange_acquire(0) == 0) {  // pairs with open()
    ::syscall(SYS_futex, &open_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  }
}

bool gate::pass_within(std::uint64_t ns) noexcept {
  if (open_.exchange_acquire(0) != 0) return true;  // pairs with open()
  constexpr std::uint64_t ns_per_second = 1'000'000'000;
  const timespec most{static_cast<time_t>(ns / ns_per_second),
                      static_cast<long>(ns % ns_per_second)};
  ::syscall(SYS_futex, &open_, FUTEX_WAIT_PRIVATE, 0, &most, nullptr, 0);
  return open_.exchange_acquire(0) != 0;  // pairs with open()
}

}  // namespace troupe::detail

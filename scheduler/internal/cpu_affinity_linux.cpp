// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/cpu_affinity.hpp>

#include <unistd.h>

namespace troupe::detail {

void cpu_affinity::begin() noexcept { thread_ = ::gettid(); }

void cpu_affinity::note_cpu() noexcept { last_cpu_ = ::sched_getcpu(); }

void cpu_affinity::bring_here() noexcept {
  const int here = ::sched_getcpu();
  if (thread_ == 0 || here == last_cpu_ || here < 0 || here >= CPU_SETSIZE) return;
  if (::sched_getaffinity(thread_, sizeof(allowed_), &allowed_) != 0) return;
  if (CPU_COUNT(&allowed_) < 2 || !CPU_ISSET(here, &allowed_)) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(here, &only);
  brought_ = ::sched_setaffinity(thread_, sizeof(only), &only) == 0;
}

void cpu_affinity::set_free() noexcept {
  if (!brought_) return;
  brought_ = false;
  static_cast<void>(::sched_setaffinity(0, sizeof(allowed_), &allowed_));
}

}  // namespace troupe::detail

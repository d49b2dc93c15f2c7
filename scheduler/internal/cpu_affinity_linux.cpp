// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/cpu_affinity.hpp>

#include <cstring>

#include <unistd.h>

namespace troupe::detail {

namespace {

cpu_set_t all_cpus() noexcept {
  cpu_set_t all;
  std::memset(&all, 0xff, sizeof(all));
  return all;
}

}  // namespace

/// Whether somebody has chosen CPUs for the thread shows when it asks for all of them. That
/// matters because what is restored stays: a thread for which nobody has chosen must get those
/// that a container is granted later.
void cpu_affinity::begin() noexcept {
  if (::sched_getaffinity(0, sizeof(usual_), &usual_) != 0) return;
  const cpu_set_t all = all_cpus();
  cpu_set_t granted;
  if (::sched_setaffinity(0, sizeof(all), &all) != 0) return;
  if (::sched_getaffinity(0, sizeof(granted), &granted) != 0) return;
  unrestricted_ = CPU_EQUAL(&granted, &usual_) != 0;
  if (!unrestricted_ && ::sched_setaffinity(0, sizeof(usual_), &usual_) != 0) return;
  thread_ = ::gettid();
}

void cpu_affinity::bring_here() noexcept {
  const int here = ::sched_getcpu();
  if (thread_ == 0 || here < 0 || here >= CPU_SETSIZE) return;
  if (!brought_ && ::sched_getaffinity(thread_, sizeof(allowed_), &allowed_) != 0) return;
  if (CPU_COUNT(&allowed_) < 2 || !CPU_ISSET(here, &allowed_)) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(here, &only);
  brought_ = ::sched_setaffinity(thread_, sizeof(only), &only) == 0;
}

void cpu_affinity::set_free() noexcept {
  if (!brought_) return;
  cpu_set_t kept;
  CPU_AND(&kept, &allowed_, &usual_);
  const bool anywhere = unrestricted_ && CPU_EQUAL(&kept, &usual_) != 0;  // nobody has chosen since
  const cpu_set_t wanted = anywhere ? all_cpus() : allowed_;
  brought_ = ::sched_setaffinity(0, sizeof(wanted), &wanted) != 0;
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/carrier_timer.hpp>

#include <troupe/base/clock.hpp>

#include <algorithm>
#include <csignal>

#include <unistd.h>

// Named by the C library since 2.39 only.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace troupe::detail {
namespace {

constexpr std::uint64_t ns_per_second = 1'000'000'000;

timespec time_of(std::uint64_t ns) noexcept {
  return {static_cast<time_t>(ns / ns_per_second), static_cast<long>(ns % ns_per_second)};
}

}  // namespace

bool carrier_timer::create(clock measured, int signal) noexcept {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = signal;
  event.sigev_notify_thread_id = ::gettid();
  const clockid_t id = measured == clock::real ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
  exists_ = ::timer_create(id, &event, &timer_) == 0;
  return exists_;
}

void carrier_timer::destroy() noexcept {
  if (exists_) ::timer_delete(timer_);
  exists_ = false;
}

void carrier_timer::set(std::uint64_t first_ns, std::uint64_t period_ns) noexcept {
  if (!exists_ || (first_ns == 0 && !set_)) return;
  set_ = first_ns != 0;
  period_ns_ = period_ns;
  first_ns_ = now_ns() + first_ns;
  const itimerspec when{time_of(period_ns), time_of(first_ns)};
  ::timer_settime(timer_, 0, &when, nullptr);  // cannot fail: the values are in range
}

std::uint64_t carrier_timer::expired_ns(std::uint64_t now, std::uint64_t overruns) const noexcept {
  if (now <= first_ns_) return now;  // set anew since
  if (period_ns_ == 0) return first_ns_;
  const std::uint64_t last = (now - first_ns_) / period_ns_;
  return first_ns_ + (last - std::min(last, overruns)) * period_ns_;
}

void carrier_timer::stop() noexcept { set(0, 0); }

}  // namespace troupe::detail

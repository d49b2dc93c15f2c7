// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <vector>

namespace troupe::bench {

/// What pings took, in milliseconds and ascending order. A ping that takes longer than the period
/// holds up the next ones, which others would have sent meanwhile: they are added as if they had
/// been sent in time and answered with it. So there may be more samples than pings.
struct ping_times {
  std::vector<double> round_trip;  // from the call of ask() to its return, in the asking thread
  std::vector<double> arrival;     // from the call of ask() to the actor's handler
  std::uint64_t pings = 0;
  bool real_time = false;  // the thread had what it was to have
};

/// How the kernel schedules the pinging thread. A `normal` one competes with the system's threads
/// for the cores: where these compute, the kernel lets it wait for a time slice of its own, some
/// milliseconds, before it takes note of the answer. A `real_time` one (SCHED_FIFO, where that is
/// permitted) does not: it is to its system what a client on another machine would be.
enum class pinger_priority { normal, real_time };

/// A plain thread that asks an echo actor every so often, from its construction on. The time
/// between two pings is drawn from 80 to 120 percent of the period, so that they do not keep step
/// with timers; it does not depend on how long a ping takes, if that is less than the period.
class outside_pinger {
 public:
  outside_pinger(system& sys, std::chrono::microseconds period, pinger_priority priority);
  /// By other means than messages: `ask` sends a ping, waits for the answer, and returns the time
  /// at which the ping had arrived.
  outside_pinger(std::function<std::chrono::steady_clock::time_point()> ask,
                 std::chrono::microseconds period, pinger_priority priority);
  /// As stop().
  ~outside_pinger();
  outside_pinger(const outside_pinger&) = delete;
  outside_pinger& operator=(const outside_pinger&) = delete;

  /// Blocks until the ping under way is answered. Throws what went wrong. At most once.
  [[nodiscard]] ping_times stop();

 private:
  std::atomic<bool> stop_{false};  // relaxed: says nothing about other data
  std::future<ping_times> times_;
};

}  // namespace troupe::bench

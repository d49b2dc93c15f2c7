// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/scenario/outside_pinger.hpp>

#include <pthread.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;
using milliseconds = std::chrono::duration<double, std::milli>;

struct ping {};

/// Answers with the time at which the ping has arrived.
class echo : public actor<clock::time_point(ping)> {
 public:
  clock::time_point on(ping) { return clock::now(); }
};

void add(std::vector<double>& to, clock::duration took, clock::duration period) {
  for (; took > clock::duration::zero(); took -= period) {
    to.push_back(milliseconds(took).count());
  }
}

// Whether the calling thread is now before all others for a core.
bool become_real_time() {
  sched_param lowest{};
  lowest.sched_priority = 1;
  return ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &lowest) == 0;
}

ping_times keep_pinging(const std::function<clock::time_point()>& ask,
                        std::chrono::microseconds period, pinger_priority priority,
                        const std::atomic<bool>& stop) {
  std::minstd_rand random(1);
  std::uniform_real_distribution<double> stretch(0.8, 1.2);
  ping_times times;
  times.real_time = priority == pinger_priority::real_time && become_real_time();
  for (auto next = clock::now(); !stop.load(std::memory_order_relaxed);) {
    next += std::chrono::duration_cast<clock::duration>(stretch(random) * period);
    std::this_thread::sleep_until(next);
    const auto sent = clock::now();
    const auto arrived = ask();
    const auto answered = clock::now();
    ++times.pings;
    add(times.arrival, arrived - sent, period);
    add(times.round_trip, answered - sent, period);
    next = std::max(next, answered - period);  // those that were due meanwhile have been added
  }
  std::sort(times.arrival.begin(), times.arrival.end());
  std::sort(times.round_trip.begin(), times.round_trip.end());
  return times;
}

}  // namespace

outside_pinger::outside_pinger(system& sys, std::chrono::microseconds period,
                               pinger_priority priority)
    : outside_pinger([&sys, whom = sys.spawn<echo>()] { return sys.ask(whom, ping{}); }, period,
                     priority) {}

outside_pinger::outside_pinger(std::function<clock::time_point()> ask,
                               std::chrono::microseconds period, pinger_priority priority)
    : times_(std::async(std::launch::async, [=, this, ask = std::move(ask)] {
        return keep_pinging(ask, period, priority, stop_);
      })) {}

outside_pinger::~outside_pinger() {
  stop_.store(true, std::memory_order_relaxed);
  if (times_.valid()) times_.wait();
}

ping_times outside_pinger::stop() {
  stop_.store(true, std::memory_order_relaxed);
  return times_.get();
}

}  // namespace troupe::bench

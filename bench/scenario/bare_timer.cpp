// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/scenario/arithmetic_chain.hpp>
#include <bench/scenario/bare_timer.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

// Named by the C library since 2.39 only.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace troupe::bench {
namespace {

void do_nothing(int /*signal*/) noexcept {}

// Not the one that systems take unless told otherwise: their handler stays when they end.
int signal_of_bare_timers() { return SIGRTMAX - 4; }

// The handler, as long as this lives.
class empty_handler {
 public:
  empty_handler() {
    struct sigaction empty {};
    empty.sa_handler = do_nothing;
    empty.sa_flags = SA_RESTART;
    if (::sigaction(signal_of_bare_timers(), &empty, &before_) != 0) {
      throw std::system_error(errno, std::system_category(), "sigaction of a bare timer");
    }
  }
  empty_handler(const empty_handler&) = delete;
  ~empty_handler() { ::sigaction(signal_of_bare_timers(), &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

// Raises the signal at the thread that made it, as long as it lives; with period 0 never.
class bare_timer {
 public:
  explicit bare_timer(std::chrono::microseconds period) {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = signal_of_bare_timers();
    event.sigev_notify_thread_id = ::gettid();
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
      throw std::system_error(errno, std::system_category(), "timer_create of a bare timer");
    }
    constexpr std::int64_t us_per_second = 1'000'000;
    const timespec each{period.count() / us_per_second, period.count() % us_per_second * 1000};
    const itimerspec when{each, each};
    ::timer_settime(timer_, 0, &when, nullptr);  // cannot fail: the values are in range
  }
  bare_timer(const bare_timer&) = delete;
  ~bare_timer() { ::timer_delete(timer_); }

 private:
  timer_t timer_{};
};

// As the behavior of an actor does it: on the stack, and looked at by others at the end only.
arithmetic_chain work_to_the_end(const bare_threads& which) {
  const bare_timer ticking(which.period);
  arithmetic_chain mine;
  for (std::uint64_t i = 0; i < which.units; ++i) mine.do_unit();
  return mine;
}

}  // namespace

double run_bare(const bare_threads& which) {
  const empty_handler handler;
  std::vector<arithmetic_chain> chains(which.count);
  std::exception_ptr problem;
  std::mutex reporting;
  const stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (arithmetic_chain& each : chains) {
      threads.emplace_back([&] {
        try {
          each = work_to_the_end(which);
        } catch (...) {
          const std::scoped_lock lock(reporting);
          problem = std::current_exception();
        }
      });
    }
  }
  const double seconds = watch.elapsed().count();
  if (problem) std::rethrow_exception(problem);
  for (const arithmetic_chain& each : chains) each.expect_right("a bare thread", which.units);
  return seconds;
}

}  // namespace troupe::bench

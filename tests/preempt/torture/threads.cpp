// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/labor.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

// Named by the C library since 2.39 only.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace troupe::torture {
namespace {

std::atomic<int> made{0};
std::atomic<int> unmade{0};

/// One for each thread; only one behavior at a time is on a thread, however long it is preempted.
struct property {
  property() { made.fetch_add(1, std::memory_order_relaxed); }
  ~property() { unmade.fetch_add(1, std::memory_order_relaxed); }
  property(const property&) = delete;
  property& operator=(const property&) = delete;

  std::size_t owner = 0;
  std::vector<std::string> things;
};
thread_local property mine;

// Handlers run on the thread that they interrupt.
thread_local volatile sig_atomic_t signals_seen = 0;
void count_signal(int) { signals_seen = signals_seen + 1; }

}  // namespace

void thread_locals(toiler& t) {
  const auto thread = std::this_thread::get_id();
  mine.owner = t.index;
  mine.things.assign(1 + t.up_to(9), std::to_string(t.index));
  errno = static_cast<int>(t.index);
  labor(t.up_to(20'000));
  check(errno == static_cast<int>(t.index), "errno has changed");
  check(mine.owner == t.index, "a thread_local object has changed");
  for (const std::string& s : mine.things) {
    check(s == std::to_string(t.index), "the contents of a thread_local object have changed");
  }
  check(thread == std::this_thread::get_id(), "the thread has changed");
}

void end_thread_locals(stage&) {
  check(made == unmade, "thread_local objects were not destroyed with their threads");
}

void begin_signals() {
  struct sigaction action {};
  action.sa_handler = count_signal;
  action.sa_flags = SA_RESTART;
  check_call(::sigaction(SIGUSR1, &action, nullptr) == 0, "sigaction");
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  check_call(::sigaction(SIGUSR2, &action, nullptr) == 0, "sigaction");
}

void signals(toiler& t) {
  const int before = signals_seen;
  const int times = 1 + static_cast<int>(t.up_to(9));
  for (int i = 0; i < times; ++i) {
    check_call(::raise(i % 2 == 0 ? SIGUSR1 : SIGUSR2) == 0, "raise");
    labor(t.up_to(1'000));
  }
  check(signals_seen - before == times, "a signal was lost, or came to another thread");
}

// Whenever they come: while the behavior computes, is in a handler of the runtime's, or is frozen.
void alarms(toiler& t) {
  const int before = signals_seen;
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = t.up_to(1) == 0 ? SIGUSR1 : SIGUSR2;
  event.sigev_notify_thread_id = ::gettid();
  timer_t timer{};
  check_call(::timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
  itimerspec once{};
  once.it_value.tv_nsec = 1'000 + static_cast<long>(t.up_to(1'000'000));
  check_call(::timer_settime(timer, 0, &once, nullptr) == 0, "timer_settime");
  // To ask for the time is where ThreadSanitizer delivers signals.
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (signals_seen == before && std::chrono::steady_clock::now() < limit) labor(100);
  check(signals_seen - before == 1, "an alarm was lost, or came to another thread");
  check_call(::timer_delete(timer) == 0, "timer_delete");
}

}  // namespace troupe::torture

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/scenario/arithmetic_chain.hpp>
#include <bench/scenario/bare_relay.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>
#include <thread>

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

// Named by the C library since 2.39 only.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace troupe::bench {
namespace {

constexpr double turn_us = 1000;

int signal_of_relays() { return SIGRTMAX - 5; }

double now_us() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

void require(bool well, const char* call) {
  if (!well) throw std::system_error(errno, std::system_category(), call);
}

// What both threads share. Whoever runs owns it; the gates hand it on.
struct baton {
  std::vector<double> latencies_us;
  std::size_t turns = 0;
  double due_us = 0;
  std::atomic<bool> over{false};
};

class side {
 public:
  explicit side(baton& b) : baton_(b) {}

  void set_other(side& other) { other_ = &other; }
  void open() noexcept {
    gate_.store(1, std::memory_order_release);  // pairs with wait()
    ::syscall(SYS_futex, &gate_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }

  // The thread.
  void run() {
    this_side = this;
    make_timer();
    wait();
    begin_turn();
    arithmetic_chain chain;
    while (!baton_.over.load(std::memory_order_relaxed)) chain.do_unit();  // own handler's
    ::timer_delete(timer_);
    other_->open();
  }

  // Its signal handler.
  static void hand_on(int /*signal*/) noexcept {
    side& mine = *this_side;
    mine.other_->open();
    mine.wait();
    mine.begin_turn();
  }

 private:
  void make_timer() {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = signal_of_relays();
    event.sigev_notify_thread_id = ::gettid();
    require(::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0, "timer_create of a relay");
  }

  void wait() noexcept {
    while (gate_.exchange(0, std::memory_order_acquire) == 0) {  // pairs with open()
      ::syscall(SYS_futex, &gate_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
  }

  void begin_turn() noexcept {
    const double now = now_us();
    if (baton_.due_us != 0) baton_.latencies_us.push_back(now - baton_.due_us);  // reserved
    if (baton_.latencies_us.size() == baton_.turns) {
      baton_.over.store(true, std::memory_order_relaxed);  // own thread's; the gate publishes it
      return;
    }
    baton_.due_us = now + turn_us;
    const itimerspec when{{}, {0, static_cast<long>(turn_us * 1000)}};
    ::timer_settime(timer_, 0, &when, nullptr);  // cannot fail: the values are in range
  }

  static thread_local side* this_side;

  baton& baton_;
  side* other_ = nullptr;
  timer_t timer_{};
  std::atomic<int> gate_{0};  // a futex
};

constinit thread_local side* side::this_side = nullptr;

void stay_on_one_core() {
  cpu_set_t allowed;
  require(::sched_getaffinity(0, sizeof allowed, &allowed) == 0, "sched_getaffinity");
  int last = CPU_SETSIZE - 1;
  while (last > 0 && !CPU_ISSET(last, &allowed)) --last;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(last, &one);
  require(::sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
}

}  // namespace

std::vector<double> relay_bare(std::size_t turns) {
  struct sigaction handing_on {};
  struct sigaction before {};
  handing_on.sa_handler = side::hand_on;
  handing_on.sa_flags = SA_RESTART;
  require(::sigaction(signal_of_relays(), &handing_on, &before) == 0, "sigaction of a relay");
  baton shared;
  shared.turns = turns;
  shared.latencies_us.reserve(turns);
  {
    side first(shared);
    side second(shared);
    first.set_other(second);
    second.set_other(first);
    const auto begin = [](side& s) {
      return std::jthread([&s] {
        stay_on_one_core();
        s.run();
      });
    };
    const auto one = begin(first);
    const auto two = begin(second);
    first.open();
  }
  ::sigaction(signal_of_relays(), &before, nullptr);
  std::sort(shared.latencies_us.begin(), shared.latencies_us.end());
  return shared.latencies_us;
}

}  // namespace troupe::bench

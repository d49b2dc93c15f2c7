// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What a system refuses, and what it says then.
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::must_end;
using test::spin_until;

/// Whether a system with these options is refused with std::invalid_argument naming the field.
void expect_refusal(const preemption_options& options, const std::string& field) {
  try {
    system sys({.workers = 1, .preempt = options});
    ADD_FAILURE() << "a system with a bad " << field << " starts";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find(field), std::string::npos) << e.what();
  }
}

/// That a system with these options preempts.
void expect_preemption(const preemption_options& options) {
  system sys({.workers = 1, .preempt = options});
  std::atomic<int> begun{0};
  for (int i = 0; i < 3; ++i) {
    sys.spawn([&](context&) {
      ++begun;
      spin_until([&] { return begun == 3; });
    });
  }
  must_end(sys);
}

TEST(PreemptionOptions, RefuseQuantaThatAreTooShortOrTooLong) {
  using std::chrono::microseconds;
  for (const auto q : {microseconds(49), microseconds(0), microseconds(-1), microseconds::min(),
                       microseconds(10s) + 1us, microseconds::max()}) {
    expect_refusal({.fresh_quantum = q}, "fresh_quantum");
    expect_refusal({.batch_quantum = q}, "batch_quantum");
  }
}

TEST(PreemptionOptions, TakeTheShortestAndTheLongestQuantum) {
  expect_preemption({.fresh_quantum = 50us, .batch_quantum = 50us});
  expect_preemption({.fresh_quantum = 50us, .batch_quantum = 10s});
  const system sys({.workers = 1, .preempt = {.fresh_quantum = 10s, .batch_quantum = 10s}});
}

TEST(PreemptionOptions, RefuseNumbersThatAreNoSignalsOrCannotBeHandled) {
  for (const int s : {-1, NSIG, 1'000, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
                      SIGABRT, SIGCHLD, SIGCONT, 32, 33}) {
    expect_refusal({.signal = s}, "signal");
  }
}

TEST(PreemptionOptions, RefuseModesAndSourcesThatAreNone) {
  expect_refusal({.mode = static_cast<preemption>(9)}, "mode");
  expect_refusal({.source = static_cast<signal_source>(7)}, "source");
}

TEST(PreemptionOptions, RefuseTimesOfWarningThatAreNoneOrTooLong) {
  for (const auto t : {-1ms, std::chrono::milliseconds::min(), std::chrono::milliseconds(1h) + 1ms,
                       std::chrono::milliseconds::max()}) {
    expect_refusal({.warn_after = t}, "warn_after");
  }
}

TEST(PreemptionOptions, TakeTheShortestAndTheLongestTimeOfWarning) {
  expect_preemption({.warn_after = 1ms, .on_long_behavior = [](const long_behavior&) {}});
  expect_preemption({.warn_after = 1h});
}

TEST(PreemptionOptions, TakeAnotherSignal) {
  for (const int s : {SIGUSR2, SIGURG, SIGRTMIN, SIGRTMAX}) expect_preemption({.signal = s});
}

TEST(PreemptionOptions, RefuseASignalThatTheProgramHandles) {
  static std::atomic<int> handled{0};
  struct sigaction mine {};
  struct sigaction old {};
  mine.sa_handler = [](int) { ++handled; };
  ASSERT_EQ(::sigaction(SIGUSR1, &mine, &old), 0);
  try {
    const system sys({.workers = 1, .preempt = {.signal = SIGUSR1}});
    ADD_FAILURE() << "a system takes a signal that the program handles";
  } catch (const std::logic_error& e) {
    EXPECT_EQ(std::string(e.what()),
              "troupe: preemption_options::signal = " + std::to_string(SIGUSR1) +
                  " is handled or ignored by the program already; choose "
                  "another one");
  }
  // What was there is still there, and another signal will do.
  handled = 0;
  ::raise(SIGUSR1);
  EXPECT_EQ(handled, 1);
  expect_preemption({.signal = SIGUSR2});
  ASSERT_EQ(::sigaction(SIGUSR1, &old, nullptr), 0);
  expect_preemption({.signal = SIGUSR1});
}

TEST(PreemptionOptions, LetSystemsShareASignal) {
  for (int round = 0; round < 3; ++round) {
    const preemption_options shared{.signal = SIGRTMAX - 1};
    system other({.workers = 1, .preempt = shared});
    expect_preemption(shared);  // which then ends, while the other one stays
    expect_preemption({.signal = SIGRTMAX - 2});
    std::atomic<int> begun{0};
    for (int i = 0; i < 3; ++i) {
      other.spawn([&](context&) {
        ++begun;
        spin_until([&] { return begun == 3; });
      });
    }
    must_end(other);
  }
}

TEST(PreemptionOptions, RefuseFewerCarriersThanWorkersAndOneMore) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    for (std::size_t carriers = 1; carriers <= workers; ++carriers) {
      try {
        system sys({.workers = workers, .preempt = {.max_carriers = carriers}});
        ADD_FAILURE() << workers << " workers with " << carriers << " carriers start";
      } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("max_carriers"), std::string::npos) << e.what();
      }
    }
    const system sys({.workers = workers, .preempt = {.max_carriers = workers + 1}});
  }
}

TEST(PreemptionOptions, TakeABoundOfNoneForTheDefault) {
  const system sys({.workers = 200, .preempt = {.max_carriers = 0}});
  EXPECT_EQ(sys.worker_count(), 200U);
}

TEST(PreemptionOptions, ThatAreRefusedLeaveNothingBehind) {
  for (int i = 0; i < 20; ++i) {
    expect_refusal({.fresh_quantum = 1us}, "fresh_quantum");
    expect_refusal({.max_carriers = 1}, "max_carriers");
    expect_preemption({});
  }
}

}  // namespace
}  // namespace troupe

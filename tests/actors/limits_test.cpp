// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What happens when the process runs into a limit of the machine: an exception that names it, and
// nothing is lost or ends that was there before.
#include <troupe/troupe.hpp>

#include <support/address_space.hpp>
#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <pthread.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::leave_address_space;

struct go {};
struct number {
  int n;
};

/// Has each thread that is started from now on map that much for its stack.
void enlarge_thread_stacks(std::size_t bytes) {
  pthread_attr_t attributes{};
  ASSERT_EQ(::pthread_attr_init(&attributes), 0);
  ASSERT_EQ(::pthread_attr_setstacksize(&attributes, bytes), 0);
  ASSERT_EQ(::pthread_setattr_default_np(&attributes), 0);
}

/// Says what `f` throws and leaves the process with 0 if it is a std::system_error.
template <class F>
[[noreturn]] void leave_with_error_of(F f) {
  try {
    f();
  } catch (const std::system_error& e) {
    std::fputs(e.what(), stderr);
    std::_Exit(0);
  }
  std::_Exit(1);
}

TEST(LimitsDeathTest, ASystemWithoutMemoryForItsStacksSaysSo) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  EXPECT_EXIT(leave_with_error_of([] {
                leave_address_space(std::size_t{256} << 20);
                const system sys({.workers = 2, .stack_size = std::size_t{512} << 20});
              }),
              testing::ExitedWithCode(0), "stack.*limit");
}

/// For a thread that could not be started there is one error, EAGAIN, whatever was missing.
std::string with_all_that_bounds_threads(std::string thread) {
  thread +=
      " could not be started \\(RLIMIT_NPROC is [^;]*, kernel.threads-max is [^;]*, "
      "cgroup pids.max is [^;]*, RLIMIT_AS is [0-9]+ bytes, vm.overcommit_memory is [^;]*, "
      "vm.max_map_count is [0-9]+[;)]";
  return thread;
}

TEST(LimitsDeathTest, ASystemWithoutMemoryForItsThreadsNamesWhatBoundsMemoryToo) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  EXPECT_EXIT(leave_with_error_of([] {
                enlarge_thread_stacks(std::size_t{256} << 20);
                leave_address_space(std::size_t{128} << 20);
                const system sys({.workers = 2});
              }),
              testing::ExitedWithCode(0),
              with_all_that_bounds_threads("thread 1 \\(workers: 2\\)"));
}

void handle_signals_without_memory_for_a_thread() {
  system sys({.workers = 1});
  enlarge_thread_stacks(std::size_t{256} << 20);
  leave_address_space(std::size_t{128} << 20);
  sys.spawn([](context& self) {
    leave_with_error_of([self] { const io::signal_set first(self, {SIGUSR1}); });
  });
  sys.await_actors();
}

TEST(LimitsDeathTest, ABehaviorWithoutMemoryForAsiosThreadGetsThemNamedToo) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  EXPECT_EXIT(handle_signals_without_memory_for_a_thread(), testing::ExitedWithCode(0),
              with_all_that_bounds_threads("the thread for Asio's operations"));
}

/// Keeps its worker until `open`, while its mailbox fills.
struct sink : actor<void(number), void(go)> {
  sink(std::atomic<bool>& o, std::atomic<long>& c) : open(&o), count(&c) {}
  void on(go) {
    while (!*open) std::this_thread::yield();
  }
  void on(number) { ++*count; }
  std::atomic<bool>* open;
  std::atomic<long>* count;
};

void fill_and_drain() {
  std::atomic<bool> open{false};
  std::atomic<long> count{0};
  system sys({.workers = 1});
  const auto to = sys.spawn<sink>(open, count);
  to.send(go{});
  leave_address_space(std::size_t{64} << 20);
  long sent = 0;
  try {
    for (;; ++sent) to.send(number{1});
  } catch (const std::system_error& e) {
    std::fputs(e.what(), stderr);
  }
  open = true;
  const bool all = eventually([&] { return count == sent; });
  std::_Exit(all && sent > 0 ? 0 : 1);
}

/// Takes no memory beside its slot.
struct adder : actor<int(number)> {
  int on(number asked) { return asked.n + 1; }
};

/// Leaves the process with what an `ask` from a plain thread throws when there are no more actors
/// to be had: it needs one.
template <class Ask>
[[noreturn]] void ask_without_memory(Ask ask) {
  system sys({.workers = 1});
  const auto to = sys.spawn<adder>();
  auto for_malloc = std::make_unique<char[]>(std::size_t{16} << 10);
  leave_address_space(std::size_t{64} << 20);
  try {
    for (;;) static_cast<void>(sys.spawn<adder>());
  } catch (const std::system_error&) {  // that was the last
  }
  for_malloc.reset();
  leave_with_error_of([&] { ask(sys, to); });
}

TEST(LimitsDeathTest, AnAskWithoutMemoryForItNamesTheLimitAsASendDoes) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  const auto ask = [](system& sys, const adder::ref& to) { sys.ask(to, number{1}); };
  EXPECT_EXIT(ask_without_memory(ask), testing::ExitedWithCode(0),
              "for messages and actors.*RLIMIT_AS is [0-9]+ bytes");
}

TEST(LimitsDeathTest, SoDoesAnAskThatReportsByCodeWhatBecameOfItsRequest) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  const auto ask = [](system& sys, const adder::ref& to) {
    std::error_code error;
    sys.ask(to, number{1}, 60s, error);
  };
  EXPECT_EXIT(ask_without_memory(ask), testing::ExitedWithCode(0),
              "for messages and actors.*RLIMIT_AS is [0-9]+ bytes");
}

TEST(LimitsDeathTest, WhatFitsIntoMemoryIsDeliveredAfterItRanOut) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  EXPECT_EXIT(fill_and_drain(), testing::ExitedWithCode(0), "for messages and actors.*RLIMIT_AS");
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What happens when the process runs into a limit of the machine: an exception that names it, and
// nothing is lost or ends that was there before.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

namespace troupe {
namespace {

using test::eventually;

struct go {};
struct number {
  int n;
};

/// Lets the process map no more than `bytes` beyond what it has now.
void leave_address_space(std::size_t bytes) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + bytes;
  const rlimit both{limit, limit};
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &both), 0);
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

TEST(LimitsDeathTest, WhatFitsIntoMemoryIsDeliveredAfterItRanOut) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  EXPECT_EXIT(fill_and_drain(), testing::ExitedWithCode(0), "for messages and actors.*RLIMIT_AS");
}

}  // namespace
}  // namespace troupe

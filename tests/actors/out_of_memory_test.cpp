// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Waits that get no stack for their worker to go on with.
#include <troupe/base/sanitizer.hpp>
#include <troupe/troupe.hpp>

#include <support/address_space.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::leave_address_space;

#if !TROUPE_ASAN && !TROUPE_TSAN  // their shadow memory needs more address space than is left here

struct go {};

/// What a job, a wait and a message need beside stacks is there afterwards.
void warm_up(system& sys) {
  sys.spawn([](context& self) {
    counter done;
    for (int i = 0; i < 100; ++i) run([] {}, done);
    done.wait();
    self.sleep_for(std::chrono::milliseconds(1));
  });
  sys.await_actors();
}

/// Spawns actors that wait, each on a stack of its own, until there are no stacks left.
std::vector<any_ref> use_up_stacks(system& sys) {
  std::atomic<bool> full{false};
  std::atomic<std::size_t> waiting{0};
  std::vector<any_ref> all;
  all.reserve(1000);
  while (!full) {
    try {
      all.push_back(sys.spawn([&](context& self) {
        ++waiting;
        try {
          self.receive([](go) {});
        } catch (const std::system_error&) {
          full = true;
        }
      }));
    } catch (const std::bad_alloc&) {  // as good: not even this thread gets any
      break;
    }
    if (!eventually([&] { return waiting == all.size(); })) std::abort();
  }
  return all;
}

/// What is left is enough for all but another stack.
std::vector<any_ref> leave_no_stack(system& sys) {
  std::vector<std::unique_ptr<char[]>> for_this_thread(8);
  for (auto& part : for_this_thread) part = std::make_unique<char[]>(std::size_t{16} << 10);
  leave_address_space(std::size_t{64} << 20);
  std::vector<any_ref> hogs = use_up_stacks(sys);
  leave_address_space(std::size_t{192} << 10);
  return hogs;
}

[[gnu::noinline]] void overwrite_stack() {
  volatile char trash[4096];
  for (volatile char& each : trash) each = 0x41;
}

[[gnu::noinline]] bool wait_is_refused(counter& done) {
  try {
    done.wait();
    return false;
  } catch (const std::system_error&) {
    return true;
  }
}

/// The counter's waiter must not stay behind in a frame that has gone.
[[noreturn]] void wait_for_a_counter_without_a_stack() {
  static counter done;
  static std::atomic<bool> ended{false};
  static std::atomic<bool> refused{false};
  system sys({.workers = 1, .on_failure = [](const failure&) {}});
  warm_up(sys);
  const auto hogs = leave_no_stack(sys);
  sys.spawn([&](context&) {
    run([] {}, done);
    refused = wait_is_refused(done);
    overwrite_stack();
    ended = true;
  });
  const bool right = eventually([&] { return ended && done.pending() == 0; }) && refused;
  std::_Exit(right ? 0 : 1);
}

/// The loop's frame must outlive its jobs, whatever becomes of its wait.
[[noreturn]] void loop_in_parallel_without_a_stack() {
  static std::atomic<int> calls{0};
  static std::atomic<int> calls_at_end{-1};
  static std::atomic<bool> whole{false};
  system sys({.workers = 2, .on_failure = [](const failure&) {}});
  warm_up(sys);
  const auto hogs = leave_no_stack(sys);
  sys.spawn([&](context&) {
    try {
      parallel_for(
          0, 8,
          [](int) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            ++calls;
          },
          1);
      whole = true;
    } catch (const std::system_error&) {
    }
    calls_at_end = calls.load();
    overwrite_stack();
  });
  const bool ended = eventually([] { return calls_at_end != -1; });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // a job left behind has time to run
  std::_Exit(ended && calls == calls_at_end && (calls == 8 || !whole) ? 0 : 1);
}

TEST(OutOfMemoryDeathTest, ACountersWaitThatGetsNoStackThrowsAndIsForgotten) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(wait_for_a_counter_without_a_stack(), testing::ExitedWithCode(0), "");
}

TEST(OutOfMemoryDeathTest, AParallelForThatGetsNoStackWaitsForItsJobsAllTheSame) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(loop_in_parallel_without_a_stack(), testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace troupe

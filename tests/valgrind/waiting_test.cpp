// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Actors that wait on many stacks, at a size that valgrind can bear.
#include <troupe/troupe.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct number {};

// How docs/preemption.md says that one preempts under valgrind.
system_options slowly(preemption mode) {
  return {.workers = 2, .preempt = {.mode = mode, .fresh_quantum = 100ms, .batch_quantum = 100ms}};
}

// Each asks the next one: all of them wait, in the middle of a handler, each on a stack of its own.
struct adder : actor<int(number)> {
  explicit adder(actor_ref<int(number)> next) : rest(next) {}
  int on(number) {
    const std::vector<int> mine(10, 1);
    const int others = rest ? self().ask(rest, number{}) : 0;
    return std::accumulate(mine.begin(), mine.end(), others);
  }
  actor_ref<int(number)> rest;
};

// Waits again and again, in calls of different depth.
int wait_at_depth(context& self, int depth) {
  std::string local(static_cast<std::size_t>(depth), 'x');
  if (depth == 0) {
    self.yield();
    self.sleep_for(1ms);
    return 0;
  }
  const int below = wait_at_depth(self, depth - 1);
  self.yield();
  return below + static_cast<int>(local.size());
}

class Waiting : public testing::TestWithParam<preemption> {};

TEST_P(Waiting, AskingInTheMiddleOfHandlersWorks) {
  constexpr int length = 20;
  system sys(slowly(GetParam()));
  actor_ref<int(number)> first;
  for (int i = 0; i < length; ++i) first = sys.spawn<adder>(first);
  for (int round = 0; round < 3; ++round) EXPECT_EQ(sys.ask(first, number{}), 10 * length);
}

TEST_P(Waiting, BodiesThatWaitWorkAndEnd) {
  constexpr int depth = 5;
  system sys(slowly(GetParam()));
  std::vector<int> results(20);
  for (int& result : results) {
    sys.spawn([&result](context& self) { result = wait_at_depth(self, depth); });
  }
  sys.await_actors();
  for (const int result : results) EXPECT_EQ(result, depth * (depth + 1) / 2);
}

TEST_P(Waiting, BodiesThatAreKilledAreUnwound) {
  system sys(slowly(GetParam()));
  std::vector<any_ref> actors;
  for (int i = 0; i < 10; ++i) {
    actors.emplace_back(sys.spawn([](context& self) {
      const std::vector<int> owned(100);
      for (;;) self.sleep_for(1h);
    }));
  }
  for (const auto& each : actors) each.kill();
  sys.await_actors();
  for (const auto& each : actors) EXPECT_FALSE(each.alive());
}

TEST_P(Waiting, BodiesIterateGenerators) {
  system sys(slowly(GetParam()));
  int sum = 0;
  sys.spawn([&sum](context& self) {
    generator<int> numbers([](auto& yield) {
      for (int i = 0; i < 10; ++i) yield(i);
    });
    for (const int n : numbers) {
      self.sleep_for(1ms);
      sum += n;
    }
  });
  sys.await_actors();
  EXPECT_EQ(sum, 45);
}

INSTANTIATE_TEST_SUITE_P(Preemption, Waiting, testing::Values(preemption::off, preemption::full),
                         [](const auto& mode) {
                           return mode.param == preemption::off ? "off" : "full";
                         });

TEST(Spinning, ABehaviorThatComputesIsPreemptedAndGoesOn) {
  auto options = slowly(preemption::full);
  options.workers = 1;
  system sys(options);
  std::atomic<bool> started = false;
  std::atomic<bool> stop = false;
  sys.spawn([&](context&) {
    started = true;
    while (!stop) {
    }
  });
  while (!started) std::this_thread::yield();
  const auto other = sys.spawn<adder>(actor_ref<int(number)>{});
  EXPECT_EQ(sys.ask(other, number{}), 10);
  stop = true;
  other.kill();
  sys.await_actors();
  EXPECT_GT(sys.preemption().preemptions, 0U);
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

namespace troupe {
namespace {

using test::scaled;

template <class Index>
void check_range(system& sys, Index first, Index last, std::size_t grain) {
  const auto place = [first](Index i) {
    return static_cast<std::size_t>(static_cast<std::int64_t>(i) -
                                    static_cast<std::int64_t>(first));
  };
  std::vector<std::atomic<int>> calls(place(last));
  sys.parallel_for(
      first, last, [&](Index i) { ++calls[place(i)]; }, grain);
  for (const auto& c : calls) ASSERT_EQ(c, 1);
}

TEST(ParallelFor, CallsTheBodyOnceForEachIndex) {
  system sys({.workers = 2});
  for (const std::size_t grain : {0U, 1U, 3U, 1000U}) {
    check_range<int>(sys, 0, 1000, grain);
    check_range<int>(sys, -17, 500, grain);
    check_range<std::size_t>(sys, 5, 6, grain);
    check_range<std::int8_t>(sys, -128, 127, grain);
    check_range<std::uint8_t>(sys, 0, 255, grain);
  }
  sys.parallel_for(3, 3, [](int) { ADD_FAILURE(); });
  sys.parallel_for(4, 3, [](int) { ADD_FAILURE(); });
}

TEST(ParallelFor, CountsAtTheEdgesOfItsType) {
  std::atomic<std::int64_t> sum{0};
  std::atomic<int> chunks{0};
  system sys({.workers = 2});
  constexpr int least = std::numeric_limits<int>::min();
  constexpr int most = std::numeric_limits<int>::max();
  check_range<int>(sys, least, least + 100, 7);
  check_range<int>(sys, most - 100, most, 7);
  // A range that is longer than its type's largest number; takes too long with a sanitizer.
  if (test::slowdown > 1) return;
  sys.parallel_for(
      least, most,
      [&](int i) {
        if (i % (1 << 24) != 0) return;
        ++chunks;
        sum += i;
      },
      std::size_t{1} << 30);
  EXPECT_EQ(chunks, 256);
  EXPECT_EQ(sum, -(std::int64_t{1} << 31));
}

TEST(ParallelFor, InABehaviorOrJobSuspendsItAndNests) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    std::atomic<long> sum{0};
    sys.spawn([&](context&) {
      parallel_for(
          0, 20, [&](int i) { parallel_for(0, 50, [&](int j) { sum += i * j; }); }, 1);
    });
    sys.await_actors();
    EXPECT_EQ(sum, 190L * 1225L);
  }
}

TEST(ParallelFor, RethrowsTheFirstExceptionWhenAllChunksAreDone) {
  system sys({.workers = 2});
  for (std::size_t round = 0; round < scaled(50); ++round) {
    std::atomic<int> calls{0};
    EXPECT_THROW(sys.parallel_for(
                     0, 100,
                     [&](int i) {
                       ++calls;
                       if (i == 42) throw std::runtime_error("42");
                     },
                     1),
                 std::runtime_error);
    EXPECT_EQ(calls, 100);
  }
}

// ---- over iterators and ranges

TEST(ParallelFor, CallsTheBodyOnceForEachElementOfARange) {
  system sys({.workers = 2});
  for (const std::size_t grain : {0U, 1U, 3U, 1000U}) {
    std::vector<int> v(100);
    sys.parallel_for(
        v, [](int& i) { ++i; }, grain);
    sys.parallel_for(
        v.begin() + 10, v.end(), [](int& i) { i += 10; }, grain);
    sys.parallel_for(
        std::span(v).first(10), [](int& i) { i += 10; }, grain);
    EXPECT_EQ(v, std::vector<int>(100, 11));
    std::atomic<int> sum{0};
    const std::deque<int> constant(50, 2);
    sys.parallel_for(
        constant, [&](const int& i) { sum += i; }, grain);
    int array[3] = {1, 2, 3};
    sys.parallel_for(
        array, [&](int i) { sum += i; }, grain);
    sys.parallel_for(
        array, array + 2, [&](int i) { sum += i; }, grain);
    EXPECT_EQ(sum, 109);
  }
  sys.parallel_for(std::vector<int>(), [](int) { ADD_FAILURE(); });
}

TEST(ParallelFor, OverARangeSuspendsABehavior) {
  system sys({.workers = 1});
  std::vector<std::vector<int>> table(20, std::vector<int>(30, 1));
  sys.spawn([&](context&) {
    parallel_for(table, [](std::vector<int>& row) { parallel_for(row, [](int& i) { ++i; }); });
  });
  sys.await_actors();
  for (const auto& row : table) EXPECT_EQ(row, std::vector<int>(30, 2));
}

TEST(RunMany, RunsEachCallableOfARange) {
  system sys({.workers = 2});
  std::atomic<int> sum{0};
  std::vector<std::function<void()>> jobs;
  for (int i = 1; i <= 100; ++i) jobs.emplace_back([&sum, i] { sum += i; });
  counter done;
  sys.run_many(jobs, done);
  done.wait();
  EXPECT_EQ(sum, 5050);
  sys.spawn([&](context&) {
    counter mine;
    run_many(jobs, mine);
    mine.wait();
    EXPECT_EQ(sum, 10100) << "the range has been copied from, not emptied";
  });
  sys.await_actors();
}

TEST(ParallelFor, WithinNoPreemptIsAnErrorBeforeAnythingRuns) {
  system sys({.workers = 1});
  std::atomic<int> ran{0};
  std::atomic<int> refused{0};
  sys.spawn([&](context& self) {
    try {
      const no_preempt section;
      parallel_for(0, 100, [&](int) { ++ran; });
    } catch (const std::logic_error&) {
      ++refused;
    }
    self.yield();
  });
  sys.await_actors();
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(ran, 0);
}

TEST(RunMany, MovesFromMoveIterators) {
  struct add_one {
    std::unique_ptr<std::atomic<int>*> sum;
    void operator()() { ++**sum; }
  };
  struct moved_from {
    std::vector<add_one>& v;
    auto begin() const { return std::make_move_iterator(v.begin()); }
    auto end() const { return std::make_move_iterator(v.end()); }
  };
  system sys({.workers = 2});
  std::atomic<int> sum{0};
  std::vector<add_one> jobs;
  for (int i = 0; i < 10; ++i) jobs.push_back({std::make_unique<std::atomic<int>*>(&sum)});
  counter done;
  sys.run_many(moved_from{jobs}, done);
  done.wait();
  EXPECT_EQ(sum, 10);
  for (const add_one& each : jobs) EXPECT_EQ(each.sum, nullptr);
}

}  // namespace
}  // namespace troupe

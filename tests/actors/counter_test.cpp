// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using test::scaled;

// The frame of the counter may go right after wait(), whoever is still on the way out of it.
TEST(Counter, MayBeDestroyedRightAfterWait) {
  system sys({.workers = 2});
  for (std::size_t i = 0; i < scaled(5000); ++i) {
    auto done = std::make_unique<counter>();
    sys.run_many(
        1 + i % 3, [](std::size_t) {}, *done);
    done->wait();
    done.reset();
  }
  std::vector<any_ref> bosses;
  for (int a = 0; a < 4; ++a) {
    sys.spawn([](context&) {
      for (std::size_t i = 0; i < scaled(5000); ++i) {
        auto done = std::make_unique<counter>();
        run_many(
            1 + i % 3, [](std::size_t) {}, *done);
        done->wait();
        done.reset();
      }
    });
  }
  sys.await_actors();
}

TEST(Counter, MayBeWaitedForByManyAtOnce) {
  system sys({.workers = 2});
  for (std::size_t round = 0; round < scaled(100); ++round) {
    counter done;
    std::atomic<bool> open{false};
    std::atomic<int> returned{0};
    sys.run(
        [&] {
          while (!open) troupe::yield();
        },
        done);
    for (int a = 0; a < 3; ++a) {
      sys.spawn([&](context&) {
        done.wait();
        ++returned;
      });
    }
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        done.wait();
        ++returned;
      });
    }
    std::this_thread::yield();
    EXPECT_EQ(returned, 0);
    open = true;
    threads.clear();
    sys.await_actors();
    EXPECT_EQ(returned, 5);
  }
}

TEST(Counter, MayCountJobsOfSeveralSystems) {
  system a({.workers = 1});
  system b({.workers = 1});
  counter done;
  std::atomic<int> ran{0};
  for (std::size_t i = 0; i < scaled(1000); ++i) {
    a.run([&] { ++ran; }, done);
    b.run([&] { ++ran; }, done);
  }
  done.wait();
  EXPECT_EQ(ran, 2 * static_cast<int>(scaled(1000)));
  std::atomic<bool> ended{false};
  a.spawn([&](context&) {
    counter mine;
    for (int i = 0; i < 100; ++i) b.run([&] { ++ran; }, mine);
    mine.wait();
    ended = true;
  });
  a.await_actors();
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace troupe

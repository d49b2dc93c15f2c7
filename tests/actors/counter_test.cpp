// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
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

/// The third copy fails.
struct bad_copy {
  explicit bad_copy(std::atomic<int>& c, std::atomic<int>& r) : copies(&c), ran(&r) {}
  bad_copy(const bad_copy& other) : copies(other.copies), ran(other.ran) {
    if (++*copies == 3) throw std::runtime_error("no more");
  }
  bad_copy(bad_copy&&) = default;
  bad_copy& operator=(const bad_copy&) = delete;
  ~bad_copy() = default;
  void operator()(std::size_t) const {
    sleep_for(std::chrono::milliseconds(5));
    ++*ran;
  }
  std::atomic<int>* copies;
  std::atomic<int>* ran;
};

// The jobs that have been started use it, and what stands beside it.
TEST(Counter, WaitsBeforeItGoesWhenNotAllJobsCouldBeStarted) {
  system sys({.workers = 2});
  const auto start = [](auto& from) {
    std::atomic<int> copies{0};
    std::atomic<int> ran{0};
    const auto attempt = [&] {
      counter done;
      from.run_many(100, bad_copy(copies, ran), done);
    };
    EXPECT_THROW(attempt(), std::runtime_error);
    EXPECT_EQ(ran, 2);
  };
  start(sys);
  struct in_actor {
    static void run_many(std::size_t n, bad_copy job, counter& done) {
      troupe::run_many(n, std::move(job), done);
    }
  };
  sys.spawn([&](context&) {
    in_actor here;
    start(here);
  });
  sys.await_actors();
}

TEST(Counter, LosesAnExceptionThatNobodyWaitsFor) {
  system sys({.workers = 1});
  {
    counter done;
    sys.run([] { throw std::runtime_error("unheard"); }, done);
  }
  sys.await_actors();
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::scaled;

TEST(Job, RunFromAThreadIsWaitedForByItsCounter) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    counter done;
    std::atomic<int> ran{0};
    for (int i = 0; i < 100; ++i) sys.run([&] { ++ran; }, done);
    done.wait();
    EXPECT_EQ(ran, 100);
    EXPECT_EQ(done.pending(), 0U);
    done.wait();  // nothing to wait for
    sys.run([&] { ++ran; }, done);
    done.wait();
    EXPECT_EQ(ran, 101);
  }
}

TEST(Job, RunManyCallsEachIndexOnce) {
  system sys({.workers = 2});
  constexpr std::size_t n = 1000;
  std::vector<std::atomic<int>> calls(n);
  counter done;
  sys.run_many(
      n, [&](std::size_t i) { ++calls[i]; }, done);
  sys.run_many(
      0, [&](std::size_t) { ADD_FAILURE(); }, done);
  done.wait();
  for (const auto& c : calls) EXPECT_EQ(c, 1);
}

TEST(Job, MayBeWaitedForInABehavior) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    std::atomic<int> right{0};
    for (int a = 0; a < 20; ++a) {
      sys.spawn([&](context&) {
        for (std::size_t round = 0; round < scaled(50); ++round) {
          int sum = 0;  // no atomic: wait() orders the jobs before what follows
          std::array<int, 8> parts{};
          counter done;
          run_many(
              8, [&](std::size_t i) { parts[i] = static_cast<int>(i); }, done);
          done.wait();
          sum = std::accumulate(parts.begin(), parts.end(), 0);
          if (sum == 28) ++right;
        }
      });
    }
    sys.await_actors();
    EXPECT_EQ(right, 20 * static_cast<int>(scaled(50)));
  }
}

/// The number of leaves of a binary tree, each node a job that waits for its children.
int tree(int depth) {
  if (depth == 0) return 1;
  int left = 0;
  int right = 0;
  counter done;
  run([&] { left = tree(depth - 1); }, done);
  run([&] { right = tree(depth - 1); }, done);
  done.wait();
  return left + right;
}

TEST(Job, MayStartJobsAndWaitForThem) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    system sys({.workers = workers});
    counter done;
    int leaves = 0;
    sys.run([&] { leaves = tree(10); }, done);
    done.wait();
    EXPECT_EQ(leaves, 1024);
  }
}

TEST(Job, ItsExceptionComesOutOfWaitOnce) {
  system sys({.workers = 2});
  counter done;
  sys.run([] { throw std::runtime_error("job"); }, done);
  try {
    done.wait();
    ADD_FAILURE() << "nothing thrown";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "job");
  }
  done.wait();
  std::atomic<int> ran{0};
  sys.run_many(
      100,
      [&](std::size_t i) {
        ++ran;
        if (i % 3 == 0) throw static_cast<int>(i);
      },
      done);
  EXPECT_THROW(done.wait(), int);
  EXPECT_EQ(ran, 100) << "the others run all the same";
  done.wait();
  std::atomic<bool> caught{false};
  sys.spawn([&](context&) {
    counter mine;
    run([] { throw std::runtime_error("in a behavior"); }, mine);
    try {
      mine.wait();
    } catch (const std::runtime_error&) {
      caught = true;
    }
  });
  sys.await_actors();
  EXPECT_TRUE(caught);
}

TEST(Job, WithoutACounterReportsItsException) {
  std::atomic<int> reports{0};
  system sys({.on_failure = [&](const failure& f) {
    EXPECT_EQ(f.id, 0U);
    EXPECT_EQ(f.what, "uncounted");
    ++reports;
  }});
  sys.run([] { throw std::runtime_error("uncounted"); });
  EXPECT_TRUE(eventually([&] { return reports == 1; }));
}

TEST(Job, FunctionsMayBeBigMoveOnlyAndAreDestroyedOnce) {
  const auto token = std::make_shared<int>(1);
  system sys({.workers = 2});
  {
    counter done;
    std::atomic<int> sum{0};
    for (int i = 0; i < 50; ++i) {
      sys.run([token, &sum] { sum += *token; }, done);
      std::array<std::shared_ptr<int>, 20> many;
      many.fill(token);
      sys.run([many, &sum] { sum += *many[19]; }, done);
      sys.run([p = std::make_unique<int>(1), &sum] { sum += *p; }, done);
      struct alignas(64) aligned {
        std::array<char, 64> bytes{1};
      };
      sys.run([a = aligned(), &sum] { sum += a.bytes[0]; }, done);
    }
    done.wait();
    EXPECT_EQ(sum, 200);
  }
  EXPECT_EQ(token.use_count(), 1) << "destroyed before its counter said it was done";
}

TEST(Job, AFunctionThatCannotBeCopiedInThrowsInRunAndCountsNothing) {
  struct explosive {
    explosive() = default;
    explosive(const explosive&) { throw std::runtime_error("copy"); }
    void operator()() {}
  };
  system sys;
  counter done;
  const explosive e;
  for (int i = 0; i < 100; ++i) {
    EXPECT_THROW(sys.run(e, done), std::runtime_error);
    EXPECT_THROW(sys.run(e), std::runtime_error);
  }
  EXPECT_EQ(done.pending(), 0U);
  done.wait();
}

TEST(Job, RunManyThatIsCutShortWaitsForThoseThatItHasStarted) {
  constexpr int before = 5;
  struct fragile {
    std::atomic<int>* ran;
    int* copies_left;
    fragile(std::atomic<int>* r, int* left) : ran(r), copies_left(left) {}
    fragile(const fragile& other) : ran(other.ran), copies_left(other.copies_left) {
      if ((*copies_left)-- == 0) throw std::runtime_error("copy");
    }
    fragile(fragile&&) = default;
    void operator()(std::size_t) const { ++*ran; }
  };
  system sys({.workers = 2});
  for (std::size_t round = 0; round < scaled(200); ++round) {
    std::atomic<int> ran{0};
    int copies_left = before;
    counter done;
    EXPECT_THROW(sys.run_many(100, fragile(&ran, &copies_left), done), std::runtime_error);
    done.wait();
    EXPECT_EQ(done.pending(), 0U);
    EXPECT_EQ(ran, before);
    sys.run([&] { ++ran; }, done);
    done.wait();
    EXPECT_EQ(ran, before + 1);
  }
}

TEST(Job, TheLastToEndPassesOnWhatTheOthersHaveDone) {
  system sys({.workers = 2});
  for (std::size_t round = 0; round < scaled(300); ++round) {
    std::vector<int> plain(64, 0);  // written by many threads, read by this one
    {
      counter done;
      sys.run_many(
          plain.size(), [&plain](std::size_t i) { plain[i] = static_cast<int>(i); }, done);
      done.wait();
    }  // and the counter is gone at once
    for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_EQ(plain[i], static_cast<int>(i));
  }
}

TEST(Job, MaySleepAndYield) {
  std::atomic<int> ran{0};
  system sys({.workers = 1});
  counter done;
  const auto begin = std::chrono::steady_clock::now();
  sys.run_many(
      20,
      [&](std::size_t i) {
        troupe::sleep_for(std::chrono::milliseconds(i % 5));
        troupe::yield();
        ++ran;
      },
      done);
  done.wait();
  EXPECT_EQ(ran, 20);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 4ms);
}

TEST(Job, ThatSleepsWhenItsSystemIsDestroyedIsFinished) {
  const auto token = std::make_shared<int>(0);
  std::atomic<int> finished{0};
  counter done;
  for (const std::size_t workers : {1U, 2U}) {
    finished = 0;
    {
      system sys({.workers = workers});
      for (int i = 0; i < 10; ++i) {
        sys.run(
            [&finished, token] {
              troupe::sleep_for(5ms);
              counter inner;
              run(
                  [&finished, token] {
                    troupe::sleep_for(2ms);
                    ++finished;
                  },
                  inner);
              inner.wait();
              ++finished;
            },
            done);
        sys.run([&finished, token] {
          troupe::sleep_for(3ms);
          ++finished;
        });
      }
    }
    EXPECT_EQ(finished, 30);
    EXPECT_EQ(token.use_count(), 1);
    EXPECT_EQ(done.pending(), 0U);
  }
}

TEST(Job, SendsAndSpawns) {
  struct sink : actor<void(int), int(char)> {
    void on(int i) {
      EXPECT_FALSE(self().sender()) << "a job is no actor";
      sum += i;
    }
    int on(char) { return sum; }
    int sum = 0;
  };
  std::atomic<int> spawned{0};
  system sys({.workers = 2});
  const auto s = sys.spawn<sink>();
  counter done;
  sys.run_many(
      100,
      [&](std::size_t i) {
        s.send(static_cast<int>(i));
        sys.spawn([&](context&) { ++spawned; });
      },
      done);
  done.wait();
  EXPECT_EQ(sys.ask(s, 'x'), 4950);
  EXPECT_TRUE(eventually([&] { return spawned == 100; }));
}

TEST(Job, TheFreeFunctionsAreRefusedOnAPlainThread) {
  counter done;
  EXPECT_THROW(run([] {}, done), std::logic_error);
  EXPECT_THROW(run([] {}), std::logic_error);
  EXPECT_THROW(run_many(
                   1, [](std::size_t) {}, done),
               std::logic_error);
  EXPECT_THROW(parallel_for(0, 1, [](int) {}), std::logic_error);
  EXPECT_EQ(done.pending(), 0U);
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <troupe/base/sanitizer.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <time.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::scaled;

struct go {};

// ---- options

template <class Make>
std::string text_of_invalid_argument(Make make) {
  try {
    make();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "nothing thrown";
}

TEST(SystemOptions, ErrorsNameTheField) {
  const auto text = [](system_options o) {
    return text_of_invalid_argument([&] { const system sys(std::move(o)); });
  };
  EXPECT_NE(text({.workers = 1025}).find("workers"), std::string::npos);
  EXPECT_NE(text({.workers = SIZE_MAX}).find("workers"), std::string::npos);
  EXPECT_NE(text({.stack_size = 1024}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.stack_size = 0}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.stack_size = SIZE_MAX}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.messages_per_activation = 0}).find("messages_per_activation"),
            std::string::npos);
  EXPECT_NE(text({.shutdown_deadline = -1ms}).find("shutdown_deadline"), std::string::npos);
  EXPECT_EQ(text({}), "nothing thrown");
  EXPECT_NE(text({.workers = 1025}).find("1025"), std::string::npos) << "the value, too";
  EXPECT_NE(text({.workers = 1025}).find("1024"), std::string::npos) << "and the limit";
}

TEST(SpawnOptions, ErrorsNameTheField) {
  system sys;
  const auto text = [&](spawn_options o) {
    return text_of_invalid_argument([&] { sys.spawn(std::move(o), [](context&) {}); });
  };
  EXPECT_NE(text({.stack_size = 1}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.stack_size = SIZE_MAX}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.prio = static_cast<priority>(3)}).find("prio = 3"), std::string::npos);
  EXPECT_EQ(sys.actor_count(), 0U);
  EXPECT_EQ(text({}), "nothing thrown");
  sys.await_actors();
}

TEST(SystemOptions, ADeadlineThatNanosecondsCannotCountIsRefused) {
  const auto text = [](std::chrono::milliseconds deadline) {
    return text_of_invalid_argument([=] { const system sys({.shutdown_deadline = deadline}); });
  };
  EXPECT_NE(text(std::chrono::milliseconds::max()).find("shutdown_deadline"), std::string::npos);
  EXPECT_NE(text(std::chrono::milliseconds::min()).find("shutdown_deadline"), std::string::npos);
  EXPECT_EQ(text(std::chrono::hours(24 * 365)), "nothing thrown");
}

TEST(SystemOptions, AreKept) {
  const system sys({.workers = 3, .messages_per_activation = 7});
  EXPECT_EQ(sys.worker_count(), 3U);
  EXPECT_EQ(sys.options().workers, 3U);
  EXPECT_EQ(sys.options().messages_per_activation, 7U);
  const system by_default;
  EXPECT_GE(by_default.worker_count(), 1U);
}

// ---- counting and ending

TEST(System, AwaitActorsReturnsWhenTheLastOneHasEnded) {
  system sys({.workers = 2});
  sys.await_actors();
  for (std::size_t round = 0; round < scaled(500); ++round) {
    std::atomic<int> ended{0};
    for (int i = 0; i < 5; ++i) {
      sys.spawn([&](context& self) {
        self.spawn([&](context& inner) {
          inner.yield();
          ++ended;
        });
        ++ended;
      });
    }
    sys.await_actors();
    ASSERT_EQ(ended, 10);
    ASSERT_EQ(sys.actor_count(), 0U);
  }
}

TEST(System, AwaitActorsHearsOfALastOneThatEndsWithoutAWorker) {
  system_options options{.workers = 2};
  options.preempt.fresh_quantum = 100us;  // in which one that sleeps in the kernel loses its worker
  system sys(options);
  for (std::size_t round = 0; round < scaled(300); ++round) {
    std::atomic<int> ended{0};
    for (std::uint32_t i = 0; i < 4; ++i) {
      sys.spawn([&ended, i](context&) {
        const timespec a_little{0, 100'000 * (i + 1)};
        ::nanosleep(&a_little, nullptr);
        ++ended;
      });
    }
    sys.await_actors();
    ASSERT_EQ(ended, 4);
  }
  if (!TROUPE_TSAN) {  // which keeps the signal until the call returns
    EXPECT_GT(sys.preemption().unbinds, 0U);
  }
}

/// A job that spawns an actor that starts a job, and so on: only one of them lives at a time, and
/// what has started the next one ends while that runs.
void job_and_actor_in_turn(system& sys, std::atomic<bool>& ended, int left) {
  sys.run([&sys, &ended, left] {
    sys.spawn([&sys, &ended, left](context&) {
      if (left > 0) {
        job_and_actor_in_turn(sys, ended, left - 1);
      } else {
        ended = true;
      }
    });
  });
}

TEST(System, AwaitActorsWaitsForActorsThatJobsSpawn) {
  system sys({.workers = 2});
  for (std::size_t round = 0; round < scaled(300); ++round) {
    std::atomic<bool> ended{false};
    job_and_actor_in_turn(sys, ended, 100);
    sys.await_actors();
    const bool seen = ended;
    while (!ended) std::this_thread::yield();  // the last one uses this frame
    ASSERT_TRUE(seen);
  }
}

TEST(System, AwaitActorsWorksForSeveralThreads) {
  system sys;
  for (std::size_t round = 0; round < scaled(100); ++round) {
    const any_ref a = sys.spawn([](context& self) { self.receive([](go) {}); });
    std::atomic<int> returned{0};
    std::vector<std::jthread> waiting;
    for (int t = 0; t < 3; ++t) {
      waiting.emplace_back([&] {
        sys.await_actors();
        ++returned;
      });
    }
    std::this_thread::yield();
    EXPECT_EQ(returned, 0);
    a.send(go{});
    waiting.clear();
    EXPECT_EQ(returned, 3);
  }
}

TEST(System, BlockingFunctionsAreRefusedInItsOwnBehaviors) {
  system sys;
  std::atomic<int> refused{0};
  sys.spawn([&](context&) {
    try {
      sys.await_actors();
    } catch (const std::logic_error&) {
      ++refused;
    }
    try {
      sys.shutdown(1s);
    } catch (const std::logic_error&) {
      ++refused;
    }
  });
  sys.await_actors();
  EXPECT_EQ(refused, 2);
}

}  // namespace
}  // namespace troupe

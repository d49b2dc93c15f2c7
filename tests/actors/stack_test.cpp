// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// The stacks that behaviors run on: their size, and what happens when one is used up.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::scaled;

struct use {
  std::size_t bytes;
};

/// Uses that many bytes of stack, and some more.
[[gnu::noinline]] std::size_t use_stack(std::size_t bytes) {
  constexpr std::size_t frame = 1024;
  volatile char ballast[frame];
  for (std::size_t i = 0; i < frame; i += 256) ballast[i] = static_cast<char>(i);
  const std::size_t below = bytes > frame ? use_stack(bytes - frame) : 0;
  return below + static_cast<unsigned char>(ballast[256 * (bytes % 2)]) + 1;
}

struct stack_user : actor<std::size_t(use)> {
  std::size_t on(use u) { return use_stack(u.bytes); }
};

TEST(StackSize, OfItsOwnIsRefusedForAnActorWhoseHandlersRunOnTheWorkersStacks) {
  system sys({.workers = 1});
  try {
    sys.spawn<stack_user>(spawn_options{.stack_size = std::size_t{8} << 20});
    ADD_FAILURE() << "it would have been ignored";
  } catch (const std::invalid_argument& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("spawn_options::stack_size = 8388608"), std::string::npos) << text;
    EXPECT_NE(text.find("system_options::stack_size"), std::string::npos) << text;
  }
  EXPECT_EQ(sys.actor_count(), 0U);
}

TEST(StackSize, OfTheSystemIsWhatBehaviorsGet) {
  constexpr std::size_t mib = std::size_t{1} << 20;
  std::atomic<int> ran{0};
  system sys({.workers = 2, .stack_size = 8 * mib});
  EXPECT_GT(sys.ask(sys.spawn<stack_user>(), use{3 * mib}), 0U);
  for (int i = 0; i < 4; ++i) {
    sys.spawn([&](context& self) {
      use_stack(2 * mib);
      self.sleep_for(1ms);
      use_stack(3 * mib);
      ++ran;
    });
  }
  EXPECT_TRUE(eventually([&] { return ran == 4; }));
}

TEST(StackSize, OfOneActorMayBeLargerThanTheSystems) {
  system sys({.workers = 1, .stack_size = 128 * 1024});
  std::atomic<int> ran{0};
  for (int i = 0; i < 5; ++i) {
    sys.spawn(spawn_options{.stack_size = std::size_t{8} << 20}, [&](context& self) {
      use_stack(std::size_t{2} << 20);
      self.sleep_for(1ms);
      use_stack(std::size_t{3} << 20);
      ++ran;
    });
  }
  sys.await_actors();
  EXPECT_EQ(ran, 5);
}

TEST(StackSize, OfOneActorIsForThatActorOnly) {
  // Whoever runs next on the worker needs the system's stack again.
  system sys({.workers = 1, .stack_size = std::size_t{8} << 20});
  const auto user = sys.spawn<stack_user>();
  for (int i = 0; i < 10; ++i) {
    sys.spawn(spawn_options{.stack_size = 64 * 1024}, [&, i](context& self) {
      if (i % 2 == 0) self.yield();
      user.send(use{std::size_t{3} << 20});
    });
    sys.spawn(spawn_options{.stack_size = 64 * 1024}, [](context&) {});
    sys.spawn([](context&) { use_stack(std::size_t{3} << 20); });
    EXPECT_GT(sys.ask(user, use{std::size_t{3} << 20}), 0U);
  }
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
}

TEST(StackSize, OfManyShortLivedActorsIsGivenBack) {
  system sys({.workers = 2});
  for (std::size_t i = 0; i < scaled(20'000); ++i) {
    sys.spawn(spawn_options{.stack_size = 64 * 1024}, [](context& self) { self.yield(); });
    if (i % 100 == 0) sys.await_actors();
  }
  sys.await_actors();
}

TEST(StackSize, ExceptionsThrownOnAnOwnStackAreHandled) {
  std::atomic<int> failures{0};
  system sys({.workers = 2, .on_failure = [&](const failure&) { ++failures; }});
  for (int i = 0; i < 100; ++i) {
    sys.spawn(spawn_options{.stack_size = 128 * 1024}, [i](context& self) {
      if (i % 2 == 0) self.sleep_for(100us);
      throw i;
    });
  }
  sys.await_actors();
  EXPECT_EQ(failures, 100);
}

#if !TROUPE_ASAN  // its own handler reports the fault
struct runaway : actor<void(use)> {
  void on(use u) { use_stack(u.bytes); }
};

void overflow_in_a_handler() {
  system sys({.workers = 1});
  sys.spawn<runaway>(spawn_options{.name = "glutton"}).send(use{std::size_t{1} << 30});
  sys.await_actors();
}

struct runaway_body {
  void operator()(context& self) const {
    self.sleep_for(1ms);
    use_stack(std::size_t{1} << 30);
  }
};

void overflow_in_a_body() {
  system sys({.workers = 2});
  sys.spawn(spawn_options{.name = "deep", .stack_size = 128 * 1024}, runaway_body());
  sys.await_actors();
}

void overflow_in_a_job() {
  system sys({.workers = 1});
  counter done;
  sys.run([] { use_stack(std::size_t{1} << 30); }, done);
  done.wait();
}

void overflow_in_a_generator() {
  system sys({.workers = 1});
  sys.spawn(spawn_options{.name = "iterating"}, [](context&) {
    generator<std::size_t> g([](auto& yield) { yield(use_stack(std::size_t{1} << 30)); });
    g.begin();
  });
  sys.await_actors();
}

// In each case the report has the settings that raise that very stack, and no others.

TEST(StackOverflowDeathTest, OfAHandlerGivesOneReportWithNameTypeSizeAndTheSystemsSetting) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(
      overflow_in_a_handler(),
      "^troupe: stack overflow in actor [0-9]+ 'glutton' \\(.*runaway\\): its stack of 256 "
      "KiB is used up\\. Raise system_options::stack_size \\(or [^\n]*\n$");
}

TEST(StackOverflowDeathTest, OfAJobNamesTheSystemsSetting) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(overflow_in_a_job(),
               "^troupe: stack overflow in a job: its stack of 256 KiB is used up\\. Raise "
               "system_options::stack_size \\(or [^\n]*\n$");
}

TEST(StackOverflowDeathTest, OfAGeneratorNamesItsOwnSetting) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(overflow_in_a_generator(),
               "^troupe: stack overflow in actor [0-9]+ 'iterating' .*Raise "
               "generator_options::stack_size \\(or [^\n]*\n$");
}

/// Uses frames of 24 KiB and writes to the low end of each only, as an unused buffer does.
[[gnu::noinline]] int use_big_frames(int frames) {
  volatile char ballast[24 * 1024];
  ballast[0] = static_cast<char>(frames);
  const int below = frames > 1 ? use_big_frames(frames - 1) : 0;
  asm volatile("" : : "r"(ballast) : "memory");  // or the compiler makes a loop of it
  return below + ballast[0];
}

void overflow_by_big_frames() {
  system sys({.workers = 1});
  std::atomic<int> result{0};
  // 256 KiB hold ten of them; without a report, what lies below the stack would be overwritten.
  sys.spawn(spawn_options{.name = "broad"}, [&](context& self) {
    self.sleep_for(1ms);
    result = use_big_frames(12);
  });
  sys.await_actors();
}

TEST(StackOverflowDeathTest, ByFramesBiggerThanAPageIsReportedToo) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(overflow_by_big_frames(),
               "^troupe: stack overflow in actor [0-9]+ 'broad' .*256 KiB is used up\\. Raise "
               "spawn_options::stack_size for this actor, or system_options::stack_size for all "
               "\\(or [^\n]*\n$");
}

TEST(StackOverflowDeathTest, OfABodyWithAStackOfItsOwnNamesNameTypeSizeAndThatSetting) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(overflow_in_a_body(),
               "^troupe: stack overflow in actor [0-9]+ 'deep' \\(.*runaway_body\\): its stack of "
               "128 KiB is used up\\. Raise spawn_options::stack_size for this actor \\(or "
               "[^\n]*\n$");
}
#endif

}  // namespace
}  // namespace troupe

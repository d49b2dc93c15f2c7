// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/effort.hpp>
#include <troupe/scheduler/generator.hpp>
#include <troupe/scheduler/internal/stack_overflow.hpp>
#include <troupe/scheduler/internal/switch.hpp>

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

/// Uses at least `bytes` of stack, in frames smaller than a guard page.
[[gnu::noinline]] int use_stack(std::size_t bytes) {
  volatile char frame[512];
  frame[0] = static_cast<char>(bytes);
  const int below = bytes > sizeof(frame) ? use_stack(bytes - sizeof(frame)) : 0;
  return below + frame[0];
}

/// As much, in frames that are larger than pages and touched at their far end only.
[[gnu::noinline]] int use_stack_in_leaps(std::size_t bytes) {
  volatile char frame[24 * 1024];
  frame[0] = static_cast<char>(bytes);
  const int below = bytes > sizeof(frame) ? use_stack_in_leaps(bytes - sizeof(frame)) : 0;
  return below + frame[0];
}

constexpr std::size_t stack_bytes = 128 * 1024;
constexpr std::size_t far_too_much = std::size_t{1} << 30;

void overflow(void*) {
  use_stack(far_too_much);
  std::_Exit(0);
}

void run_on_small_stack(raw_generator::entry body) {
  root_generator root;
  switch_to(root, *raw_generator::create(stack_bytes, body, nullptr));
}

void install_and_overflow() {
  install_overflow_report();
  const alternate_stack mine;
  run_on_small_stack(&overflow);
}

bool name_the_actor(const void* stack_base, char* buffer, std::size_t size) {
  const bool known =
      find_stack(stack_base) != nullptr && find_stack(stack_base)->base() == stack_base;
  std::snprintf(buffer, size, "actor 'cart-17' (%s)", known ? "shop::cart" : "unknown");
  return true;
}

TEST(StackOverflowDeathTest, TheReportNamesActorTypeSizeAndSetting) {
  EXPECT_EXIT(
      {
        set_overflow_identity(&name_the_actor);
        install_and_overflow();
      },
      testing::KilledBySignal(SIGABRT),
      "^troupe: stack overflow in actor 'cart-17' \\(shop::cart\\): its stack of 128 KiB is used "
      "up\\. "
      "Raise spawn_options::stack_size for this actor, or system_options::stack_size for all "
      "\\(or look for an endless recursion\\)\\.\n$");
}

TEST(StackOverflowDeathTest, WhoHasNoNameIsReportedToo) {
  EXPECT_EXIT(install_and_overflow(), testing::KilledBySignal(SIGABRT),
              "^troupe: stack overflow in a worker: its stack of 128 KiB is used up\\. "
              "Raise system_options::stack_size ");
}

TEST(StackOverflowDeathTest, InstallingTwiceReportsOnce) {
  EXPECT_EXIT(
      {
        install_overflow_report();
        install_and_overflow();
      },
      testing::KilledBySignal(SIGABRT), "^troupe: [^\n]*\n$");
}

TEST(StackOverflowDeathTest, AGeneratorOnAPlainThreadIsReportedWithItsOwnSetting) {
  EXPECT_EXIT(
      {
        generator<int> g([](auto& yield) { yield(use_stack(far_too_much)); },
                         {.stack_size = stack_bytes});
        std::thread([&] { g.begin(); }).join();
      },
      testing::KilledBySignal(SIGABRT),
      "^troupe: stack overflow in a generator: its stack of 128 KiB is used up\\. "
      "Raise generator_options::stack_size ");
}

TEST(StackOverflowDeathTest, LargeFramesDoNotStepOverTheGuard) {
  EXPECT_EXIT(
      {
        generator<int> g([](auto& yield) { yield(use_stack_in_leaps(far_too_much)); },
                         {.stack_size = stack_bytes});
        g.begin();
      },
      testing::KilledBySignal(SIGABRT), "^troupe: stack overflow in a generator: ");
}

TEST(StackOverflowDeathTest, TwoOverflowsAtOnceGiveOneReport) {
  EXPECT_EXIT(
      {
        install_overflow_report();
        static std::barrier<> start(2);
        const auto work = [] {
          const alternate_stack mine;
          run_on_small_stack([](void*) {
            start.arrive_and_wait();
            overflow(nullptr);
          });
        };
        std::thread other(work);
        work();
        other.join();
      },
      testing::KilledBySignal(SIGABRT), "^troupe: [^\n]*\n$");
}

/// Memory that faults, and is no stack of ours.
volatile int* const forbidden = static_cast<volatile int*>(
    ::mmap(nullptr, page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

TEST(StackOverflowDeathTest, OtherFaultsKeepTheirDefaultEffect) {
  EXPECT_EXIT(
      {
        ::signal(SIGSEGV, SIG_DFL);
        install_overflow_report();
        *forbidden = 1;
      },
      testing::KilledBySignal(SIGSEGV), "^$");
}

TEST(StackOverflowDeathTest, OtherFaultsGoToTheHandlerThatWasThere) {
  EXPECT_EXIT(
      {
        struct sigaction before {};
        before.sa_flags = SA_SIGINFO;
        before.sa_sigaction = [](int, siginfo_t* info, void* context) {
          ::_exit(info->si_addr == forbidden && context != nullptr ? 3 : 4);
        };
        ::sigaction(SIGSEGV, &before, nullptr);
        install_overflow_report();
        *forbidden = 1;
      },
      testing::ExitedWithCode(3), "^$");
}

TEST(StackOverflowDeathTest, TheHandlerThatWasThereMayBeAnOldStyleOneAndMayReturn) {
  EXPECT_EXIT(
      {
        static volatile int calls = 0;
        ::signal(SIGSEGV, [](int) { calls = calls + 1; });
        install_overflow_report();
        ::raise(SIGSEGV);
        ::raise(SIGSEGV);
        ::_exit(calls);
      },
      testing::ExitedWithCode(2), "^$");
}

TEST(StackOverflowDeathTest, AnIgnoredSignalSentByAProcessStaysIgnored) {
  EXPECT_EXIT(
      {
        ::signal(SIGSEGV, SIG_IGN);
        install_overflow_report();
        ::raise(SIGSEGV);
        ::_exit(5);
      },
      testing::ExitedWithCode(5), "^$");
}

TEST(StackOverflowDeathTest, ASignalSentByAProcessHasItsDefaultEffect) {
  EXPECT_EXIT(
      {
        ::signal(SIGSEGV, SIG_DFL);
        install_overflow_report();
        ::raise(SIGSEGV);
        ::_exit(6);
      },
      testing::KilledBySignal(SIGSEGV), "^$");
}

TEST(StackOverflow, TheAlternateStackIsTakenDownAgain) {
  stack_t before{};
  stack_t during{};
  stack_t after{};
  ::sigaltstack(nullptr, &before);
  {
    const alternate_stack mine;
    ::sigaltstack(nullptr, &during);
  }
  ::sigaltstack(nullptr, &after);
  EXPECT_NE(during.ss_sp, before.ss_sp);
  EXPECT_GE(during.ss_size, 64U * 1024U);
  EXPECT_EQ(after.ss_sp, before.ss_sp);
  EXPECT_EQ(after.ss_flags, before.ss_flags);
}

TEST(StackOverflow, AStackThatJustSufficesIsNotReported) {
  ensure_overflow_report();
  // Frames are larger with a sanitizer, and nobody knows by how much.
  const std::size_t used = test::slowdown > 1 ? stack_bytes / 4 : stack_bytes - 32 * 1024;
  generator<int> g([&](auto& yield) { yield(use_stack(used)); }, {.stack_size = stack_bytes});
  EXPECT_TRUE(g.begin() != g.end());
}

}  // namespace
}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/sanitizer.hpp>
#include <troupe/base/section.hpp>
#include <troupe/base/spin_lock.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <ucontext.h>

namespace troupe::detail {
namespace {

TEST(Section, LastsAsLongAsItsObject) {
  EXPECT_FALSE(in_section());
  {
    const section outer;
    EXPECT_TRUE(in_section());
    {
      const section inner;
      EXPECT_TRUE(in_section());
    }
    EXPECT_TRUE(in_section());
  }
  EXPECT_FALSE(in_section());
}

TEST(Section, IsLeftByAnException) {
  try {
    const section guard;
    throw std::runtime_error("out");
  } catch (const std::runtime_error&) {
    EXPECT_FALSE(in_section());
  }
}

TEST(Section, MayBeEnteredAndLeftInDifferentPlaces) {
  enter_section();
  enter_section();
  EXPECT_TRUE(in_section());
  leave_section();
  EXPECT_TRUE(in_section());
  leave_section();
  EXPECT_FALSE(in_section());
}

thread_local int calls = 0;

void note_call() noexcept {
  EXPECT_FALSE(in_section());
  ++calls;
}

TEST(Section, CallsWhoAskedForThatWhenTheOutermostOneEnds) {
  calls = 0;
  for (int round = 1; round <= 3; ++round) {
    {
      const section outer;
      {
        const section inner;
        call_after_section(&note_call);
        call_after_section(&note_call);  // forgotten
      }
      EXPECT_TRUE(in_section());
      enter_section();
      leave_section();
      EXPECT_EQ(calls, round - 1);
    }
    EXPECT_EQ(calls, round);
    EXPECT_FALSE(in_section());
  }
  { const section without; }
  EXPECT_EQ(calls, 3);
}

TEST(Section, CallsWhenItIsLeftElsewhere) {
  calls = 0;
  enter_section();
  call_after_section(&note_call);
  leave_section();
  EXPECT_EQ(calls, 1);
}

TEST(Section, CallsNobodyWhoAskedOutside) {
  calls = 0;
  call_after_section(&note_call);
  { const section guard; }
  EXPECT_EQ(calls, 0);
}

TEST(Section, MayBeginAgainInTheCall) {
  calls = 0;
  enter_section();
  call_after_section([]() noexcept {
    const section again;
    call_after_section(&note_call);
  });
  leave_section();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(in_section());
}

#if defined(__x86_64__)

// A signal comes before each instruction of a section's end in turn, and its handler has a section
// of its own where it finds none.
struct stepping {
  int at = 0;    ///< the instruction
  int step = 0;  ///< how many there were
  bool on = false;
};
constinit stepping steps{};

void on_step(int, siginfo_t*, void* context) {
  constexpr greg_t single_step = 0x100;
  if (!steps.on) static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~single_step;
  if (steps.on && steps.step++ == steps.at && !in_section()) {
    spin_lock mine;
    const std::scoped_lock hold(mine);
  }
}

TEST(Section, EndsThoughASignalComesBeforeItsCall) {
  if (TROUPE_TSAN) GTEST_SKIP() << "signals come late";
  struct sigaction ours {};
  struct sigaction before {};
  ours.sa_sigaction = &on_step;
  ours.sa_flags = SA_SIGINFO;
  ASSERT_EQ(::sigaction(SIGTRAP, &ours, &before), 0);
  for (steps.at = 0; steps.at == 0 || steps.step > steps.at; ++steps.at) {
    calls = 0;
    steps.step = 0;
    enter_section();
    call_after_section(&note_call);
    steps.on = true;
    asm volatile("pushfq; orq $0x100,(%%rsp); popfq" ::: "memory", "cc");
    leave_section();
    steps.on = false;
    asm volatile("nop; nop" ::: "memory");  // the next step ends it
    ASSERT_FALSE(in_section()) << "a signal at instruction " << steps.at;
    EXPECT_EQ(section_state, 0) << "a signal at instruction " << steps.at;
    EXPECT_GE(calls, 1);
    EXPECT_LE(calls, 2);
  }
  EXPECT_GT(steps.at, 5);
  ASSERT_EQ(::sigaction(SIGTRAP, &before, nullptr), 0);
}

#endif

TEST(Section, BelongsToItsThread) {
  const section guard;
  bool elsewhere = true;
  std::thread([&elsewhere] { elsewhere = in_section(); }).join();
  EXPECT_FALSE(elsewhere);
}

}  // namespace
}  // namespace troupe::detail

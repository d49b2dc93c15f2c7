// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/switch.hpp>
#include <scheduler/routine.hpp>

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unwind.h>

#include <cfenv>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

using test::routine;
using test::stack_bytes;

constexpr bool sanitized = TROUPE_ASAN || TROUPE_TSAN;

bool lies_on(const raw_generator& g, const void* address) {
  const auto base = reinterpret_cast<std::uintptr_t>(g.stack_base());
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  return wanted >= base && wanted < base + g.stack_size();
}

std::size_t resident_pages(const raw_generator& g) {
  std::size_t resident = 0;
  auto* const base = static_cast<std::byte*>(const_cast<void*>(g.stack_base()));
  for (std::size_t at = 0; at < g.stack_size(); at += page_size()) {
    unsigned char page = 0;
    EXPECT_EQ(::mincore(base + at, page_size(), &page), 0);
    resident += page & 1U;
  }
  return resident;
}

TEST(Switch, TheEntryRunsOnTheGeneratorsOwnStack) {
  const void* address = nullptr;
  routine r([&](routine& me) {
    address = __builtin_frame_address(0);
    me.leave();
  });
  r.run();
  EXPECT_TRUE(lies_on(r.self(), address));
  EXPECT_FALSE(lies_on(r.self(), __builtin_frame_address(0)));
  EXPECT_TRUE(lies_on(r.self(), &r.self())) << "the record lives on the stack itself";
}

TEST(Switch, LocalsSurviveManySwitches) {
  std::uint64_t seen = 0;
  routine r([&](routine& me) {
    double half = 0.5;
    long double third = 3.0L;
    for (std::uint64_t i = 1;; ++i) {
      seen = i;
      half += 1.0;
      third += 1.0L;
      me.leave();
      EXPECT_EQ(half, 0.5 + static_cast<double>(i));
      EXPECT_EQ(third, 3.0L + static_cast<long double>(i));
    }
  });
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    r.run();
    ASSERT_EQ(seen, i);
  }
}

TEST(Switch, StacksAreAlignedForVectorInstructions) {
  routine r([](routine&) {
    alignas(32) volatile double values[4] = {1, 2, 3, 4};
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&values) % 32, 0U);
    EXPECT_EQ(std::to_string(1.5 + values[1]), "3.500000");
  });
  r.run();
  EXPECT_TRUE(r.finished());
}

TEST(Switch, GeneratorsSwitchAmongEachOther) {
  constexpr int count = 10;
  std::vector<raw_generator*> ring;
  root_generator root;
  struct link {
    raw_generator* self;
    raw_generator* next;
    int visits;
  };
  link links[count] = {};
  for (auto& l : links) {
    l.self = raw_generator::create(
        stack_bytes,
        [](void* argument) {
          auto& me = *static_cast<link*>(argument);
          for (;;) {
            ++me.visits;
            switch_to(*me.self, *me.next);
          }
        },
        &l);
  }
  for (int i = 0; i < count; ++i) links[i].next = i + 1 < count ? links[i + 1].self : &root;
  for (int round = 0; round < 1000; ++round) switch_to(root, *links[0].self);
  for (auto& l : links) {
    EXPECT_EQ(l.visits, 1000);
    raw_generator::destroy(l.self);
  }
}

TEST(Switch, DestroyingASuspendedGeneratorRunsNothingOfIt) {
  static int destroyed;
  destroyed = 0;
  struct counter {
    ~counter() { ++destroyed; }
  };
  {
    routine r([](routine& me) {
      const counter local;
      me.leave();
    });
    r.run();
  }
  EXPECT_EQ(destroyed, 0);
}

TEST(Switch, AGeneratorThatWasNeverRunCanBeDestroyed) {
  raw_generator::destroy(raw_generator::create(
      stack_bytes, [](void*) {}, nullptr));
}

TEST(Switch, AGeneratorThatHasJustStartedTouchesOnePage) {
  if (sanitized) GTEST_SKIP() << "instrumented frames are larger";
  const auto body = [](void* argument) {
    auto** const both = static_cast<raw_generator**>(argument);
    switch_to(*both[0], *both[1]);
  };
  stack* const untouched = acquire_stack(stack_bytes + 4096);  // a pool of its own: no warm stacks
  root_generator root;
  raw_generator* both[2] = {nullptr, &root};
  both[0] = raw_generator::create(stack_bytes + 4096, body, both);
  switch_to(root, *both[0]);
  EXPECT_EQ(resident_pages(*both[0]), 1U);
  raw_generator::destroy(both[0]);
  release_stack(untouched);
}

TEST(Switch, AGeneratorMayBeLeftFromAStackNestedInItsOwn) {
  routine outer([](routine& me) {
    routine inner([&me](routine&) {
      try {
        throw std::runtime_error("inner");
      } catch (const std::runtime_error&) {
        me.leave();  // as a behavior that waits inside the body of a generator
        EXPECT_NE(std::current_exception(), nullptr);
      }
    });
    inner.run();
    EXPECT_TRUE(inner.finished());
    EXPECT_EQ(std::current_exception(), nullptr);
  });
  outer.run();
  EXPECT_EQ(std::current_exception(), nullptr);
  outer.run_on_new_thread();
  EXPECT_TRUE(outer.finished());
}

TEST(Switch, TheRoundingModeBelongsToTheGenerator) {
  volatile double one = 1.0;
  volatile double three = 3.0;
  const double nearest = one / three;
  double upward = 0;
  routine r([&](routine& me) {
    std::fesetround(FE_UPWARD);
    upward = one / three;
    me.leave();
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    EXPECT_EQ(one / three, upward);
  });
  r.run();
#if defined(__x86_64__)
  EXPECT_NE(upward, nearest);
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  EXPECT_EQ(one / three, nearest);
  std::fesetround(FE_DOWNWARD);
  r.run_on_new_thread();
  EXPECT_EQ(std::fegetround(), FE_DOWNWARD);
  std::fesetround(FE_TONEAREST);
  EXPECT_TRUE(r.finished());
#endif
}

/// What _Unwind_Backtrace has met.
struct walk {
  int frames = 0;
  bool ended = false;
};

_Unwind_Reason_Code count_frame(_Unwind_Context*, void* argument) {
  auto& w = *static_cast<walk*>(argument);
  return ++w.frames > 100 ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

TEST(Switch, UnwindersStopAtTheBottomOfTheStack) {
  walk w;
  routine r([&](routine&) { w.ended = _Unwind_Backtrace(&count_frame, &w) == _URC_END_OF_STACK; });
  r.run();
  EXPECT_TRUE(w.ended);
  EXPECT_GE(w.frames, 2);
  EXPECT_LT(w.frames, 20);
}

TEST(SwitchDeathTest, AnExceptionThatLeavesTheEntryEndsTheProcess) {
  routine r([](routine&) { throw std::runtime_error("nobody catches this"); });
  EXPECT_DEATH(r.run(), "nobody catches this");
}

TEST(SwitchDeathTest, AnEntryThatReturnsEndsTheProcess) {
  root_generator root;
  raw_generator* const g = raw_generator::create(
      stack_bytes, [](void*) {}, nullptr);
  EXPECT_DEATH(switch_to(root, *g), "terminate");
  raw_generator::destroy(g);
}

}  // namespace
}  // namespace troupe::detail

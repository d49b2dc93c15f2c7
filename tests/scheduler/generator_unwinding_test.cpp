// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// What becomes of the body of a generator that is destroyed, or left by an exception, in the
// middle.
#include <troupe/scheduler/generator.hpp>
#include <scheduler/all_of.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using test::all_of;

/// Counts the living, to see that locals are destroyed.
struct counted {
  explicit counted(int& n) : alive(n) { ++alive; }
  ~counted() { --alive; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  int& alive;
};

TEST(GeneratorUnwinding, DestructionUnwindsTheBody) {
  int alive = 0;
  {
    generator<int> g([&](auto& yield) {
      const counted outer(alive);
      const auto deeper = [&] {
        const counted inner(alive);
        yield(1);
      };
      deeper();
    });
    EXPECT_EQ(*g.begin(), 1);
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
}

TEST(GeneratorUnwinding, DestructionBeforeTheStartRunsNothing) {
  bool ran = false;
  int alive = 0;
  {
    const generator<int> g(
        [&, held = std::make_shared<counted>(alive)](auto&) { ran = held != nullptr; });
    EXPECT_EQ(alive, 1);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(alive, 0);
}

TEST(GeneratorUnwinding, ABodyThatSwallowsTheUnwindingGetsItAgain) {
  int swallowed = 0;
  int alive = 0;
  {
    generator<int> g([&](auto& yield) {
      const counted local(alive);
      for (int i = 0; i < 3; ++i) {
        try {
          yield(i);
        } catch (...) {
          ++swallowed;
        }
      }
    });
    EXPECT_EQ(*g.begin(), 0);
  }
  EXPECT_EQ(swallowed, 3);
  EXPECT_EQ(alive, 0);
}

TEST(GeneratorUnwinding, TheUnwindingIsNoStandardException) {
  bool seen = false;
  {
    generator<int> g([&](auto& yield) {
      try {
        yield(1);
      } catch (const std::exception&) {
        seen = true;
      }
    });
    g.begin();
  }
  EXPECT_FALSE(seen);
}

TEST(GeneratorUnwinding, AnExceptionThatReplacesTheUnwindingIsDropped) {
  generator<int> g([](auto& yield) {
    try {
      yield(1);
    } catch (...) {
      throw std::runtime_error("instead");
    }
  });
  g.begin();
}

TEST(GeneratorUnwinding, DestructionUnwindsOutOfACatchBlock) {
  int alive = 0;
  {
    generator<int> g([&](auto& yield) {
      const counted outer(alive);
      try {
        throw 1;
      } catch (int) {
        const counted inner(alive);
        yield(1);
      }
    });
    g.begin();
  }
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(std::current_exception(), nullptr);
}

TEST(GeneratorUnwinding, DestructionDuringUnwindingOfTheOwnerWorks) {
  int alive = 0;
  EXPECT_THROW(
      {
        generator<int> g([&](auto& yield) {
          const counted local(alive);
          yield(1);
        });
        g.begin();
        throw std::runtime_error("out of the scope");
      },
      std::runtime_error);
  EXPECT_EQ(alive, 0);
}

TEST(GeneratorUnwinding, MoveAssignmentUnwindsWhatWasThere) {
  int alive = 0;
  const auto make = [&] {
    return generator<int>([&](auto& yield) {
      const counted local(alive);
      yield(1);
    });
  };
  auto g = make();
  g.begin();
  EXPECT_EQ(alive, 1);
  g = make();
  EXPECT_EQ(alive, 0);
}

TEST(GeneratorUnwinding, AnInnerBodyMayYieldForTheOuterOne) {
  int alive = 0;
  const auto body = [&](auto& yield) {
    const counted in_outer(alive);
    generator<int> inner([&](auto&) {
      const counted in_inner(alive);
      yield(1);
      yield(2);
    });
    inner.begin();
    yield(3);
  };
  {
    generator<int> complete(body);
    EXPECT_EQ(all_of(complete), (std::vector{1, 2, 3}));
    EXPECT_EQ(alive, 0);
  }
  {
    generator<int> cut_short(body);
    EXPECT_EQ(*cut_short.begin(), 1);
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0) << "the unwinding passes through the inner body";
}

TEST(GeneratorUnwinding, AnyThreadMayGoOn) {
  int alive = 0;
  generator<int> g([&](auto& yield) {
    const counted local(alive);
    for (int i = 0; i < 3; ++i) {
      try {
        throw i;
      } catch (int caught) {
        yield(caught);
      }
    }
  });
  auto position = g.begin();
  std::thread([&] { ++position; }).join();
  EXPECT_EQ(*position, 1);
  std::thread([&] { g = generator<int>([](auto&) {}); }).join();
  EXPECT_EQ(alive, 0);
}

TEST(GeneratorUnwinding, YieldingWhileUnwindingYieldsNothingOnceDestroyed) {
  struct yields_at_the_end {
    generator<int>::yielder& yield;
    ~yields_at_the_end() { yield(2); }
  };
  int after = 0;
  {
    generator<int> g([&](auto& yield) {
      const yields_at_the_end local{yield};
      yield(1);
    });
    g.begin();
    after = 1;
  }
  EXPECT_EQ(after, 1);
}

TEST(GeneratorDeathTest, AGeneratorDestroyedByItsOwnBodyEndsTheProcess) {
  EXPECT_DEATH(
      {
        std::unique_ptr<generator<int>> g;
        g = std::make_unique<generator<int>>([&](auto&) { g.reset(); });
        g->begin();
      },
      "terminate");
}

}  // namespace
}  // namespace troupe

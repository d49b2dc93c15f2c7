// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/generator.hpp>
#include <troupe/scheduler/internal/stack_slab.hpp>
#include <scheduler/all_of.hpp>

#include <gtest/gtest.h>

#include <concepts>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {
namespace {

static_assert(std::input_iterator<generator<int>::iterator>);
static_assert(std::input_iterator<generator<std::unique_ptr<int>>::iterator>);
static_assert(std::input_iterator<generator<std::string&>::iterator>);
static_assert(std::input_iterator<generator<const std::string&>::iterator>);
static_assert(std::sentinel_for<std::default_sentinel_t, generator<int>::iterator>);
static_assert(std::movable<generator<int>>);
static_assert(!std::copyable<generator<int>>);
static_assert(std::is_nothrow_move_constructible_v<generator<int>>);
static_assert(!std::constructible_from<generator<int>, int>);
static_assert(!std::is_invocable_v<generator<int>::yielder&, std::string>);

using test::all_of;

TEST(Generator, YieldsValuesToARangeFor) {
  generator<int> squares([](auto& yield) {
    for (int i = 1; i <= 3; ++i) yield(i * i);
  });
  EXPECT_EQ(all_of(squares), (std::vector{1, 4, 9}));
}

TEST(Generator, AnEmptyBodyGivesAnEmptySequence) {
  generator<int> nothing([](auto&) {});
  EXPECT_TRUE(nothing.begin() == nothing.end());
}

TEST(Generator, TheBodyRunsOnlyWhenAskedForAValue) {
  int runs = 0;
  generator<int> g([&](auto& yield) {
    ++runs;
    yield(1);
    ++runs;
  });
  EXPECT_EQ(runs, 0);
  auto position = g.begin();
  EXPECT_EQ(runs, 1);
  ++position;
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(position == g.end());
}

void walk(generator<int>::yielder& yield, int from, int to) {
  if (from == to) return;
  const int middle = from + (to - from) / 2;
  walk(yield, from, middle);
  yield(middle);
  walk(yield, middle + 1, to);
}

TEST(Generator, YieldsFromAnyCallDepth) {
  generator<int> g([](auto& yield) { walk(yield, 0, 1000); });
  int expected = 0;
  for (int value : g) EXPECT_EQ(value, expected++);
  EXPECT_EQ(expected, 1000);
}

TEST(Generator, HandsOverMoveOnlyValues) {
  generator<std::unique_ptr<int>> g([](auto& yield) {
    for (int i = 0; i < 3; ++i) yield(std::make_unique<int>(i));
  });
  std::vector<std::unique_ptr<int>> kept;
  for (auto value : g) kept.push_back(std::move(value));
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(*kept[2], 2);
}

TEST(Generator, YieldingAnLvalueLeavesItUntouched) {
  generator<std::string> g([](auto& yield) {
    const std::string text = "a text too long to be stored in the string object";
    yield(text);
    yield(text);
  });
  const auto values = all_of(g);
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[0], values[1]);
}

TEST(Generator, ReferencesReferToTheBodysObjects) {
  int total = 0;
  generator<int&> g([&](auto& yield) {
    int local = 1;
    yield(local);
    total = local;
  });
  for (int& value : g) value = 42;
  EXPECT_EQ(total, 42);
}

TEST(Generator, TheBodyMayBeMoveOnly) {
  auto resource = std::make_unique<int>(7);
  generator<int> g([owned = std::move(resource)](auto& yield) { yield(*owned); });
  EXPECT_EQ(all_of(g), std::vector{7});
}

TEST(Generator, AnExceptionOfTheBodyComesOutOfTheIncrement) {
  generator<int> g([](auto& yield) {
    yield(1);
    throw std::runtime_error("from the body");
  });
  auto position = g.begin();
  EXPECT_EQ(*position, 1);
  try {
    ++position;
    FAIL() << "no exception";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "from the body");
  }
  EXPECT_TRUE(position == g.end());
}

TEST(Generator, AnExceptionBeforeTheFirstValueComesOutOfBegin) {
  generator<int> g([](auto&) { throw std::runtime_error("at once"); });
  EXPECT_THROW(g.begin(), std::runtime_error);
  EXPECT_TRUE(g.begin() == g.end());
}

TEST(Generator, TheBodyMayCatchWhatItThrows) {
  generator<int> g([](auto& yield) {
    for (int i = 0; i < 3; ++i) {
      try {
        throw i;
      } catch (int caught) {
        yield(caught);
      }
    }
  });
  EXPECT_EQ(all_of(g), (std::vector{0, 1, 2}));
}

TEST(Generator, AnIterationThatThrowsLeavesTheGeneratorUsable) {
  generator<int> g([](auto& yield) {
    for (int i = 0;; ++i) yield(i);
  });
  EXPECT_THROW(
      {
        for (int value : g) {
          if (value == 3) throw std::runtime_error("enough");
        }
      },
      std::runtime_error);
  EXPECT_EQ(*g.begin(), 3);
}

TEST(Generator, ALoopLeftByBreakCanBeTakenUpAgain) {
  generator<int> g([](auto& yield) {
    for (int i = 0; i < 5; ++i) yield(i);
  });
  for (int value : g) {
    if (value == 2) break;
  }
  EXPECT_EQ(all_of(g), (std::vector{2, 3, 4}));
}

TEST(Generator, MovingTakesTheSuspendedBodyAlong) {
  generator<int> first([](auto& yield) {
    for (int i = 0; i < 4; ++i) yield(i);
  });
  auto position = first.begin();
  generator<int> second(std::move(first));
  ++position;
  EXPECT_EQ(all_of(second), (std::vector{1, 2, 3}));
  EXPECT_TRUE(first.begin() == first.end());  // NOLINT: moved from is empty
}

TEST(Generator, GeneratorsNest) {
  generator<int> outer([](auto& yield) {
    for (int i = 0; i < 3; ++i) {
      generator<int> inner([i](auto& yield_inner) {
        for (int j = 0; j < 3; ++j) yield_inner(10 * i + j);
      });
      for (int value : inner) yield(value);
    }
  });
  EXPECT_EQ(all_of(outer), (std::vector{0, 1, 2, 10, 11, 12, 20, 21, 22}));
}

TEST(Generator, IteratingInsideTheOwnBodyIsAnError) {
  generator<int>* self = nullptr;
  generator<int> g([&](auto& yield) {
    yield(1);
    auto position = self->begin();
    ++position;
  });
  self = &g;
  auto position = g.begin();
  EXPECT_THROW(++position, std::logic_error);
}

TEST(Generator, YieldingOutsideTheBodyIsAnError) {
  generator<int>::yielder* leaked = nullptr;
  generator<int> g([&](auto& yield) {
    leaked = &yield;
    yield(1);
  });
  g.begin();
  EXPECT_THROW((*leaked)(2), std::logic_error);
}

TEST(Generator, TheStackSizeIsAnOption) {
  const auto deep = [](auto& yield) {
    volatile char large[512 * 1024];
    large[0] = 1;
    large[sizeof(large) - 1] = 2;
    yield(large[0] + large[sizeof(large) - 1]);
  };
  generator<int> g(deep, {.stack_size = 1024 * 1024});
  EXPECT_EQ(*g.begin(), 3);
  EXPECT_THROW(generator<int>(deep, {.stack_size = SIZE_MAX}), std::invalid_argument);
}

TEST(Generator, AThrowFitsIntoTheSmallestStack) {
  generator<int> g(
      [](auto& yield) {
        try {
          throw std::runtime_error("small");
        } catch (const std::exception&) {
          yield(1);
        }
      },
      {.stack_size = 1});
  EXPECT_EQ(all_of(g), std::vector{1});
}

TEST(Generator, TheStackGoesBackWhenTheBodyEnds) {
  constexpr std::size_t size = 300 * 1024;
  auto& pool = detail::pool_for(size);
  generator<int> g([](auto& yield) { yield(1); }, {.stack_size = size});
  EXPECT_EQ(pool.count().used, 1U);
  EXPECT_EQ(all_of(g), std::vector{1});
  EXPECT_EQ(pool.count().used, 0U);
}

TEST(Generator, ABodyThatCannotBeMovedInLeavesNoStackBehind) {
  struct throws_when_copied {
    throws_when_copied() = default;
    throws_when_copied(const throws_when_copied&) { throw std::runtime_error("no copy"); }
    void operator()(generator<int>::yielder&) {}
  };
  constexpr std::size_t size = 304 * 1024;
  const throws_when_copied body;
  EXPECT_THROW(generator<int>(body, {.stack_size = size}), std::runtime_error);
  EXPECT_EQ(detail::pool_for(size).count().used, 0U);
}

}  // namespace
}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/lookup_threads.hpp>

#include <support/eventually.hpp>
#include <io/fake_resolver.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <system_error>
#include <vector>

namespace troupe::io::detail {
namespace {

using namespace std::chrono_literals;

/// They are left behind: they must outlive their threads.
lookup_threads& make_threads(std::size_t most, std::chrono::milliseconds patience) {
  static auto& all = *new std::vector<lookup_threads*>;
  return *all.emplace_back(new lookup_threads(most, patience));
}

std::shared_ptr<lookup> begin(lookup_threads& threads, const char* host) {
  auto begun = std::make_shared<lookup>(host, "80");
  EXPECT_FALSE(threads.begin(begun));
  return begun;
}

bool ends(lookup& l) {
  return test::eventually([&] { return l.done.clear() == readiness::state::ready; });
}

TEST(LookupThreads, StartAsManyAsAreNeededAndNoMoreThanTheirBound) {
  lookup_threads& threads = make_threads(2, 1min);
  EXPECT_EQ(threads.thread_count(), 0U);
  {
    const test::slow_names slow;
    const auto first = begin(threads, "slow.test");
    EXPECT_EQ(threads.thread_count(), 1U);
    const auto second = begin(threads, "slow.test");
    const auto third = begin(threads, "two.test");
    EXPECT_EQ(threads.thread_count(), 2U);
    slow.await_lookups(2);
    EXPECT_FALSE(third->done.is_ready());
  }
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ends(*begin(threads, "two.test")));
  EXPECT_EQ(threads.thread_count(), 2U);
}

TEST(LookupThreads, EndWithoutWorkAndComeBack) {
  lookup_threads& threads = make_threads(4, 1ms);
  for (int i = 0; i < 3; ++i) {
    const auto begun = begin(threads, "two.test");
    ASSERT_TRUE(ends(*begun));
    EXPECT_EQ(begun->found.size(), 2U);
    EXPECT_TRUE(test::eventually([&] { return threads.thread_count() == 0; }));
  }
}

TEST(LookupThreads, WhatIsForgottenBeforeItBeginsNeverDoes) {
  lookup_threads& threads = make_threads(1, 1min);
  std::shared_ptr<lookup> forgotten;
  std::shared_ptr<lookup> last;
  {
    const test::slow_names slow;
    const auto first = begin(threads, "slow.test");
    slow.await_lookups(1);
    forgotten = begin(threads, "two.test");
    last = begin(threads, "two.test");
    threads.forget(*forgotten);
    threads.forget(*forgotten);
    threads.forget(*first);  // too late
    EXPECT_EQ(forgotten.use_count(), 1);
  }
  EXPECT_TRUE(ends(*last));
  EXPECT_FALSE(forgotten->done.is_ready());
}

/// No thread can be started while it lives: none finds room for its stack.
class no_room_for_threads {
 public:
  no_room_for_threads() {
    EXPECT_EQ(::pthread_getattr_default_np(&usual_), 0);
    pthread_attr_t huge{};
    EXPECT_EQ(::pthread_attr_init(&huge), 0);
    EXPECT_EQ(::pthread_attr_setstacksize(&huge, std::size_t{1} << 47), 0);
    EXPECT_EQ(::pthread_setattr_default_np(&huge), 0);
  }
  ~no_room_for_threads() { EXPECT_EQ(::pthread_setattr_default_np(&usual_), 0); }
  no_room_for_threads(const no_room_for_threads&) = delete;
  no_room_for_threads& operator=(const no_room_for_threads&) = delete;

 private:
  pthread_attr_t usual_{};
};

TEST(LookupThreads, WaitForEachOtherWhereNoMoreCanBeStarted) {
  lookup_threads& threads = make_threads(4, 1min);
  std::shared_ptr<lookup> second;
  {
    const test::slow_names slow;
    const auto first = begin(threads, "slow.test");
    slow.await_lookups(1);
    const no_room_for_threads none;
    second = begin(threads, "two.test");
    EXPECT_EQ(threads.thread_count(), 1U);
  }
  EXPECT_TRUE(ends(*second));
}

TEST(LookupThreads, TheFirstOneThatCannotBeStartedIsAnError) {
  lookup_threads& threads = make_threads(4, 1min);
  const auto refused = std::make_shared<lookup>("two.test", "80");
  {
    const no_room_for_threads none;
    EXPECT_EQ(threads.begin(refused), std::errc::resource_unavailable_try_again);
    EXPECT_EQ(refused.use_count(), 1);
  }
  EXPECT_TRUE(ends(*begin(threads, "two.test")));
}

}  // namespace
}  // namespace troupe::io::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/outside_handler.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using detail::outside_handler;
using detail::outside_handlers;

/// A handler whose post(), or destruction, does what a test wants.
class fake_handler final : public outside_handler {
 public:
  std::function<void()> on_post = [] {};
  std::function<void()> on_destruction = [] {};
  ~fake_handler() override { on_destruction(); }
  void post(std::shared_ptr<outside_handler>) override { on_post(); }
};

// The handler's executor counts as work of the context: it must be gone before the context is.
TEST(OutsideHandlers, AreDestroyedBeforeTheirContextGoesOn) {
  outside_handlers handlers;
  auto made = std::make_shared<fake_handler>();
  const fake_handler* const address = made.get();
  std::atomic<bool> is_closed{false};
  std::jthread closer;
  made->on_post = [&] {
    closer = std::jthread([&] {
      handlers.close();
      is_closed = true;
    });
  };
  made->on_destruction = [&] {
    std::this_thread::sleep_for(20ms);  // time to be wrong in
    EXPECT_FALSE(is_closed);
  };
  ASSERT_TRUE(handlers.add(std::move(made)));
  handlers.finish(address, [](outside_handler&) {});
  closer.join();
  EXPECT_FALSE(handlers.add(std::make_shared<fake_handler>()));
}

TEST(OutsideHandlers, ArePostedAgainWhenMemoryHasRunOut) {
  outside_handlers handlers;
  auto made = std::make_shared<fake_handler>();
  const fake_handler* const address = made.get();
  int posts = 0;
  int fills = 0;
  made->on_post = [&] {
    if (++posts < 3) throw std::bad_alloc();
  };
  ASSERT_TRUE(handlers.add(std::move(made)));
  for (int i = 0; i < 2; ++i) {  // the second time, it is gone
    handlers.finish(address, [&](outside_handler&) { ++fills; });
  }
  EXPECT_EQ(posts, 3);
  EXPECT_EQ(fills, 1);
}

}  // namespace
}  // namespace troupe

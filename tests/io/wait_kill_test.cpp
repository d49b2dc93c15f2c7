// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Actors that are asked to end while they wait for Asio, and limits that pass in the last moment:
// the operations use the actors' stacks, and must be over when those unwind.

#include <troupe/io/wait.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <asio/buffer.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using local_socket = asio::local::stream_protocol::socket;

TEST(WaitKill, UnwindsTheActor) {
  troupe::system sys({.workers = 1});
  for (int i = 0; i < 30; ++i) {
    std::atomic<bool> begun{false};
    std::atomic<bool> left{false};
    bool went_on = false;
    const auto waiter = sys.spawn([&](context&) {
      struct leave {
        std::atomic<bool>& left;
        ~leave() { left = true; }
      } const frame{left};
      asio::steady_timer timer(io::executor(), 1h);
      begun = true;
      timer.async_wait(wait);
      went_on = true;
    });
    ASSERT_TRUE(test::eventually([&] { return begun.load(); }));
    waiter.kill();
    sys.await_actors();
    EXPECT_TRUE(left);
    EXPECT_FALSE(went_on);
  }
}

TEST(WaitKill, AtShutdown) {
  troupe::system sys({.workers = 2});
  std::atomic<int> begun{0};
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(sys.spawn([&](context&) {
      const auto executor = io::executor();
      local_socket one(executor);
      local_socket two(executor);
      asio::local::connect_pair(one, two);
      std::array<char, 100> buffer{};
      ++begun;
      asio::async_read(one, asio::buffer(buffer), wait);
    }));
  }
  ASSERT_TRUE(test::eventually([&] { return begun == 20; }));
  EXPECT_TRUE(sys.shutdown(1min).clean());
}

// Pairs that exchange bytes while limits pass and actors are killed at random moments; whoever is
// left behind reads the end of its stream.
TEST(WaitKill, AtRandomMoments) {
  const std::size_t times = test::scaled(2000);
  SCOPED_TRACE(test::seed_message());
  test::random_choices choose(1);
  troupe::system sys({.workers = 2});
  std::atomic<std::uint64_t> exchanged{0};
  for (std::size_t i = 0; i < times; ++i) {
    const std::chrono::microseconds limit(choose.up_to(300));
    const auto pair = sys.spawn([&, limit](context& self) {
      const auto executor = io::executor();
      local_socket one(executor);
      auto two = std::make_unique<local_socket>(executor);
      asio::local::connect_pair(one, *two);
      static_cast<void>(self.spawn([own = std::move(two)](context&) {
        std::array<char, 16> buffer{};
        std::error_code error;
        while (!error) {
          const std::size_t n = own->async_read_some(asio::buffer(buffer), wait(error));
          asio::async_write(*own, asio::buffer(buffer, n), wait(error));
        }
      }));
      std::array<char, 16> buffer{};
      for (std::error_code error; !error;) {
        asio::async_write(one, asio::buffer(buffer), wait(error));
        asio::async_read(one, asio::buffer(buffer), wait(error).within(limit));
        if (!error) ++exchanged;
        if (error == errc::timeout) {
          self.yield();
          return;
        }
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds(choose.up_to(200)));
    if (choose.one_in(2)) pair.kill();
  }
  sys.shutdown(1min);
  EXPECT_EQ(sys.actor_count(), 0U);
}

}  // namespace
}  // namespace troupe

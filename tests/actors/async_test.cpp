// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// The world of Asio waits for actors.

#include <troupe/actors/async.hpp>
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using asio::use_awaitable;

struct twice {
  int number;
};
struct fail {};
struct never {};

struct calculator : actor<int(twice), int(fail), int(never)> {
  int on(twice m) { return 2 * m.number; }
  int on(fail) { throw std::domain_error("no"); }
  int on(never) {
    self().sleep_for(1h);
    return 0;
  }
};

class Async : public testing::Test {
 protected:
  troupe::system sys{{.workers = 2, .on_failure = [](const failure&) {}}};
  asio::io_context context;

  /// Runs a coroutine to its end; what leaves it is thrown here.
  template <class Coroutine>
  void run(Coroutine coroutine) {
    auto end = asio::co_spawn(context, coroutine, asio::use_future);
    context.restart();
    context.run();
    end.get();
  }
};

template <class Error, class Operation>
asio::awaitable<std::error_code> code_of(Operation operation) {
  try {
    co_await operation();
  } catch (const Error& e) {
    co_return e.code();
  }
  co_return std::error_code();
}

TEST_F(Async, ACoroutineAsksAnActor) {
  const auto who = sys.spawn<calculator>();
  run([&]() -> asio::awaitable<void> {
    EXPECT_EQ(co_await async_ask(sys, who, twice{21}, 1min, use_awaitable), 42);
    EXPECT_EQ(co_await async_ask<int>(sys, any_ref(who), twice{4}, 1min, use_awaitable), 8);
  });
  EXPECT_EQ(who.alive(), true);
  auto future = async_ask(sys, who, twice{5}, 1min, asio::use_future);
  EXPECT_EQ(future.get(), 10);
  who.kill();
}

TEST_F(Async, ErrorsOfARequestArrive) {
  using error = std::system_error;
  run([&]() -> asio::awaitable<void> {
    const auto who = sys.spawn<calculator>();
    EXPECT_EQ(
        co_await code_of<error>([&] { return async_ask(sys, who, never{}, 2ms, use_awaitable); }),
        errc::timeout);
    who.kill();
    const auto other = sys.spawn<calculator>();
    EXPECT_EQ(
        co_await code_of<error>([&] { return async_ask(sys, other, fail{}, 1min, use_awaitable); }),
        errc::actor_failed);
    EXPECT_EQ(co_await code_of<error>(
                  [&] { return async_ask(sys, other, twice{1}, 1min, use_awaitable); }),
              errc::actor_down);
  });
}

TEST_F(Async, ACoroutineAwaitsDirectStyleIo) {
  run([&]() -> asio::awaitable<void> {
    const auto home = std::this_thread::get_id();
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    const auto port = listener.local_endpoint().port();
    using namespace asio::experimental::awaitable_operators;
    auto [served, made] = co_await (
        async_run(
            sys, [&] { return listener.accept(); }, use_awaitable) &&
        async_run(
            sys, [port] { return io::tcp_stream::connect("127.0.0.1", port); }, use_awaitable));
    co_await async_run(
        sys, [&served = served] { served.write_all("hello\n"); }, use_awaitable);
    const std::string line = co_await async_run(
        sys,
        [&made = made](troupe::context& self) {
          std::string text;
          made.read_until(text, "\n", 100);
          EXPECT_TRUE(self.ref().alive());
          return text;
        },
        use_awaitable);
    EXPECT_EQ(line, "hello\n");
    EXPECT_EQ(home, std::this_thread::get_id());
  });
}

TEST_F(Async, ExceptionsAndMoveOnlyResultsArrive) {
  run([&]() -> asio::awaitable<void> {
    auto number = co_await async_run(
        sys, [] { return std::make_unique<int>(5); }, use_awaitable);
    EXPECT_EQ(*number, 5);
    bool thrown = false;
    try {
      co_await async_run(
          sys, []() -> void { throw std::domain_error("no"); }, use_awaitable);
    } catch (const std::domain_error&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
  });
}

TEST_F(Async, ASystemThatStopsSaysSo) {
  sys.shutdown(1min);
  run([&]() -> asio::awaitable<void> {
    EXPECT_EQ(co_await code_of<std::system_error>([&] {
                return async_run(
                    sys, [] {}, use_awaitable);
              }),
              errc::stopping);
  });
}

TEST_F(Async, AShutdownAbortsWhatIsUnderWay) {
  std::atomic<bool> begun{false};
  std::jthread stopper([&] {
    EXPECT_TRUE(test::eventually([&] { return begun.load(); }));
    sys.shutdown(1min);
  });
  run([&]() -> asio::awaitable<void> {
    EXPECT_EQ(co_await code_of<std::system_error>([&] {
                return async_run(
                    sys,
                    [&] {
                      begun = true;
                      sleep_for(1h);
                    },
                    use_awaitable);
              }),
              asio::error::operation_aborted);
  });
}

TEST_F(Async, CancellingUnwindsTheFunction) {
  using namespace asio::experimental::awaitable_operators;
  std::atomic<bool> left{false};
  run([&]() -> asio::awaitable<void> {
    asio::steady_timer timer(context, 2ms);
    const auto first = co_await (async_run(
                                     sys,
                                     [&] {
                                       struct leave {
                                         std::atomic<bool>& left;
                                         ~leave() { left = true; }
                                       } const frame{left};
                                       sleep_for(1h);
                                     },
                                     use_awaitable) ||
                                 timer.async_wait(use_awaitable));
    EXPECT_EQ(first.index(), 1U);
    EXPECT_TRUE(left);  // before the completion
  });
}

// What it owns is gone when somebody hears of its result, or of its failure.
TEST_F(Async, TheFunctionIsDestroyedBeforeTheCompletion) {
  struct owner {
    std::shared_ptr<int> owned;
    int operator()() const {
      if (*owned == 0) throw std::domain_error("no");
      return *owned;
    }
  };
  run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < static_cast<int>(test::scaled(200)); ++i) {
      const auto owned = std::make_shared<int>(i % 2);
      owner function{owned};  // GCC 12 destroys an aggregate made within co_await twice
      try {
        co_await async_run(sys, std::move(function), use_awaitable);
      } catch (const std::domain_error&) {
      }
      EXPECT_EQ(owned.use_count(), 1);
    }
  });
}

TEST_F(Async, WhatTheResultsMoveThrowsArrives) {
  struct immovable {
    bool is_fragile = false;
    immovable() = default;
    explicit immovable(bool fragile) : is_fragile(fragile) {}
    // NOLINTNEXTLINE(performance-noexcept-move-constructor): it may throw
    immovable(immovable&& other) : is_fragile(other.is_fragile) {
      if (is_fragile) throw std::domain_error("no");
    }
    immovable& operator=(immovable&&) = delete;
  };
  std::exception_ptr failure;
  async_run(
      sys, [] { return immovable(true); },
      asio::bind_executor(context, [&](std::exception_ptr e, immovable result) {
        failure = std::move(e);
        EXPECT_FALSE(result.is_fragile);
      }));
  context.run();
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), std::domain_error);
}

// Contexts that go while functions run, about to complete or long before: the functions end where
// nobody waits any more.
TEST_F(Async, TheContextMayGoFirst) {
  test::random_choices choose(5);
  SCOPED_TRACE(test::seed_message());
  std::atomic<int> destroyed{0};
  struct guest {
    std::atomic<int>* count;
    explicit guest(std::atomic<int>& c) : count(&c) {}
    guest(guest&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
    guest& operator=(guest&&) = delete;
    ~guest() {
      if (count != nullptr) ++*count;
    }
  };
  const int times = static_cast<int>(test::scaled(500));
  for (int i = 0; i < times; ++i) {
    auto brief = std::make_unique<asio::io_context>();
    const std::chrono::microseconds work(choose.up_to(200));
    asio::co_spawn(
        *brief,
        [](troupe::system& home, std::chrono::microseconds delay, guest) -> asio::awaitable<void> {
          for (;;) {
            co_await async_run(
                home,
                [delay] {
                  sleep_for(delay);
                  return 1;
                },
                use_awaitable);
          }
        }(sys, work, guest(destroyed)),
        asio::detached);
    brief->run_for(std::chrono::microseconds(choose.up_to(1000)));
    brief.reset();
    EXPECT_EQ(destroyed, i + 1);  // the frame went with its context
  }
  sys.await_actors();
}

}  // namespace
}  // namespace troupe

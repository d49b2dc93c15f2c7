// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/section.hpp>
#include <troupe/io/wait.hpp>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using local_socket = asio::local::stream_protocol::socket;
using test::in_actor;

/// An operation that calls `run(handler)`.
template <class Signature, class Token, class Run>
auto initiate(Token token, Run run) {
  return asio::async_initiate<Token, Signature>(
      [](auto handler, Run& how) { how(std::move(handler)); }, token, run);
}

/// The code of the std::system_error that `call()` throws.
template <class Call>
std::error_code code_of(Call&& call) {
  try {
    call();
  } catch (const std::system_error& e) {
    return e.code();
  }
  return {};
}

TEST(Wait, EndsWithATimerAndNotBefore) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    const auto begin = clock::now();
    asio::steady_timer timer(io::executor(), 5ms);
    timer.async_wait(wait);
    EXPECT_GE(clock::now() - begin, 5ms);
  });
}

TEST(Wait, LeavesTheWorkerToOthers) {
  troupe::system sys({.workers = 1});
  asio::io_context never_run;
  asio::steady_timer timer(never_run, 1h);
  const auto waiter = sys.spawn([&](context&) { timer.async_wait(wait); });
  in_actor(sys, [](context&) {});
  EXPECT_TRUE(waiter.alive());
  waiter.kill();
  never_run.run();
  sys.await_actors();
}

TEST(Wait, AnswersTheResultsWithoutTheErrorInFront) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    static_assert(std::is_void_v<decltype(initiate<void()>(wait, [](auto) {}))>);
    initiate<void()>(wait, [](auto handler) { handler(); });
    initiate<void(std::error_code)>(wait, [](auto handler) { handler(std::error_code()); });
    EXPECT_EQ(initiate<void(int)>(wait, [](auto handler) { handler(7); }), 7);
    EXPECT_EQ(initiate<void(std::error_code, int)>(
                  wait, [](auto handler) { handler(std::error_code(), 8); }),
              8);
    const auto [number, text] = initiate<void(std::error_code, int, std::string)>(
        wait, [](auto handler) { handler(std::error_code(), 9, "nine"); });
    EXPECT_EQ(number, 9);
    EXPECT_EQ(text, "nine");
  });
}

TEST(Wait, TakesResultsThatCanOnlyBeMoved) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    auto one = initiate<void(std::unique_ptr<int>)>(
        wait, [](auto handler) { handler(std::make_unique<int>(1)); });
    EXPECT_EQ(*one, 1);
    auto [two, three] = initiate<void(std::error_code, std::unique_ptr<int>, int)>(
        wait, [](auto handler) { handler(std::error_code(), std::make_unique<int>(2), 3); });
    EXPECT_EQ(*two + three, 5);
  });
}

TEST(Wait, ThrowsAnErrorOrStoresIt) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    const auto fail = [](auto handler) {
      handler(std::make_error_code(std::errc::broken_pipe), 3);
    };
    using signature = void(std::error_code, int);
    EXPECT_EQ(code_of([&] { initiate<signature>(wait, fail); }), std::errc::broken_pipe);
    std::error_code error;
    EXPECT_EQ(initiate<signature>(wait(error), fail), 3);
    EXPECT_EQ(error, std::errc::broken_pipe);
    initiate<signature>(wait(error), [](auto handler) { handler(std::error_code(), 0); });
    EXPECT_FALSE(error);
  });
}

TEST(Wait, ThrowsAnExceptionThatTheOperationEndsWith) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    const auto fail = [](auto handler) {
      handler(std::make_exception_ptr(std::domain_error("no")), 0);
    };
    using signature = void(std::exception_ptr, int);
    EXPECT_THROW(initiate<signature>(wait, fail), std::domain_error);
    const auto succeed = [](auto handler) { handler(std::exception_ptr(), 4); };
    EXPECT_EQ(initiate<signature>(wait, succeed), 4);
  });
}

// As an operation of co_spawn's: it is cancelled, and ends with an exception that says so.
TEST(Wait, HasALimitForOperationsThatEndWithExceptions) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    const auto forever = []() -> asio::awaitable<int> {
      asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
      co_await timer.async_wait(asio::use_awaitable);
      co_return 1;
    };
    EXPECT_EQ(code_of([&] { asio::co_spawn(io::executor(), forever, wait.within(2ms)); }),
              errc::timeout);
    std::error_code error;
    EXPECT_EQ(asio::co_spawn(io::executor(), forever, wait(error).within(2ms)), 0);
    EXPECT_EQ(error, errc::timeout);
  });
}

TEST(Wait, StoresTheErrorOfAnExceptionAndThrowsOthers) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    using signature = void(std::exception_ptr, int);
    const auto fail_with = [](auto what) {
      return [what](auto handler) { handler(std::make_exception_ptr(what), 3); };
    };
    const std::system_error broken(std::make_error_code(std::errc::broken_pipe));
    std::error_code error;
    EXPECT_EQ(initiate<signature>(wait(error), fail_with(broken)), 3);
    EXPECT_EQ(error, std::errc::broken_pipe);
    EXPECT_THROW(initiate<signature>(wait(error), fail_with(std::domain_error("no"))),
                 std::domain_error);
    EXPECT_EQ(code_of([&] { initiate<signature>(wait, fail_with(broken)); }),
              std::errc::broken_pipe);
    initiate<signature>(wait(error), [](auto handler) { handler(std::exception_ptr(), 0); });
    EXPECT_FALSE(error);
  });
}

TEST(Wait, WithinAnotherWaitIsRefusedAndNothingIsStarted) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    struct go {};
    bool is_started = false;
    self.ref().send(go{});
    const auto waits = [&](go) {
      EXPECT_THROW(initiate<void()>(wait, [&](auto) { is_started = true; }), std::logic_error);
      return true;
    };
    self.receive(when(waits, [](go) {}));
    EXPECT_FALSE(is_started);
  });
}

TEST(Wait, ThrowsWhatTheStartOfTheOperationThrows) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    const auto fail = [](auto) { throw std::domain_error("no"); };
    EXPECT_THROW(initiate<void(int)>(wait, fail), std::domain_error);
  });
}

TEST(Wait, ThatIsDroppedIsAborted) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    const auto drop = [](auto) {};
    EXPECT_EQ(code_of([&] { initiate<void()>(wait, drop); }), asio::error::operation_aborted);
    std::error_code error;
    EXPECT_EQ(initiate<void(int)>(wait(error), drop), 0);
    EXPECT_EQ(error, asio::error::operation_aborted);
    auto never_run = std::make_unique<asio::io_context>();
    const auto executor = never_run->get_executor();
    std::binary_semaphore queued(0);
    const std::jthread destroyer([&] {
      queued.acquire();
      never_run.reset();
    });
    const auto post = [&](auto completion) {
      asio::post(executor, std::move(completion));
      queued.release();
    };
    EXPECT_EQ(code_of([&] { initiate<void()>(wait, post); }), asio::error::operation_aborted);
  });
}

TEST(Wait, HasALimit) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    asio::steady_timer timer(io::executor(), 1h);
    const auto begin = clock::now();
    EXPECT_EQ(code_of([&] { timer.async_wait(wait.within(3ms)); }), errc::timeout);
    EXPECT_GE(clock::now() - begin, 3ms);
    std::error_code error;
    timer.async_wait(wait.until(clock::now() + 2ms)(error));
    EXPECT_EQ(error, errc::timeout);
    timer.async_wait(wait(error).within(-1s));
    EXPECT_EQ(error, errc::timeout);
    timer.expires_after(1ms);
    timer.async_wait(wait(error).within(1h));
    EXPECT_FALSE(error);
  });
}

TEST(Wait, IsForBehaviorsOutsideOfNoPreempt) {
  asio::io_context context;
  asio::steady_timer timer(context, 1ms);
  EXPECT_THROW(timer.async_wait(wait), std::logic_error);
  EXPECT_THROW(io::executor(), std::logic_error);
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](troupe::context&) {
    const no_preempt guard;
    EXPECT_THROW(timer.async_wait(wait), std::logic_error);
    EXPECT_THROW(io::executor(), std::logic_error);
  });
}

/// Remembers whether it has ever been touched in a no-preempt section.
struct witness {
  witness() { look(); }
  witness(witness&&) noexcept { look(); }
  witness& operator=(witness&&) = delete;
  ~witness() { look(); }
  void look() const noexcept {
    if (detail::in_section()) seen_in_section = true;
  }
  static inline std::atomic<bool> seen_in_section{false};
};

/// Starts operations as Asio's own objects do: with an executor.
struct on_timer {
  using executor_type = asio::steady_timer::executor_type;
  executor_type get_executor() const noexcept { return timer->get_executor(); }
  void operator()(auto handler, auto& how) const { how(std::move(handler)); }
  asio::steady_timer* timer;
};

TEST(Wait, RunsNothingOfTheUsersInASection) {
  witness::seen_in_section = false;
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    asio::steady_timer timer(io::executor(), 1ms);
    const auto slow = [&, guest = std::make_shared<witness>()](auto handler) {
      guest->look();
      timer.async_wait([handler = std::move(handler), own = witness()](std::error_code) mutable {
        handler(witness());
      });
    };
    const witness result =
        asio::async_initiate<const wait_t, void(witness)>(on_timer{&timer}, wait, slow);
    result.look();
  });
  EXPECT_FALSE(witness::seen_in_section);
}

TEST(Wait, WorksForContextsThatOthersRun) {
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  std::jthread runner([&] { context.run(); });
  {
    troupe::system sys({.workers = 2});
    in_actor(sys, [&](troupe::context&) {
      asio::steady_timer timer(context, 1ms);
      timer.async_wait(wait);
      asio::post(context, wait);
      EXPECT_EQ(runner.get_id(), asio::co_spawn(
                                     context,
                                     []() -> asio::awaitable<std::thread::id> {
                                       co_return std::this_thread::get_id();
                                     },
                                     wait));
    });
  }
  work.reset();
}

TEST(Wait, ForACoroutineThatThrows) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context&) {
    const auto fail = []() -> asio::awaitable<void> {
      asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
      co_await timer.async_wait(asio::use_awaitable);
      throw std::domain_error("no");
    };
    EXPECT_THROW(asio::co_spawn(io::executor(), fail, wait), std::domain_error);
  });
}

TEST(Wait, ForAResolverAndAConnection) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context&) {
    using asio::ip::tcp;
    const auto executor = io::executor();
    tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp::resolver resolver(executor);
    const std::string port = std::to_string(acceptor.local_endpoint().port());
    const auto found = resolver.async_resolve(tcp::v4(), "localhost", port, wait);
    tcp::socket client(executor);
    const auto connected = asio::async_connect(client, found, wait);
    EXPECT_EQ(connected, acceptor.local_endpoint());
    tcp::socket served = acceptor.async_accept(wait);  // a result that can only be moved
    EXPECT_EQ(asio::async_write(served, asio::buffer("hello\nworld"), wait), 12U);
    std::string text;
    EXPECT_EQ(asio::async_read_until(client, asio::dynamic_buffer(text), '\n', wait), 6U);
    EXPECT_EQ(text.substr(0, 6), "hello\n");
    std::error_code error;
    served.close();
    while (!error) asio::async_read(client, asio::dynamic_buffer(text), wait(error));
    EXPECT_EQ(error, asio::error::eof);
  });
}

TEST(Wait, ForLocalSocketsOfTwoActors) {
  troupe::system sys({.workers = 2});
  asio::io_context made_in;  // the sockets are given to the actors' contexts below
  std::string sent(1'000'000, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * i / 7);
  std::string came(sent.size(), '\0');
  local_socket one(made_in);
  local_socket two(made_in);
  asio::local::connect_pair(one, two);
  static_cast<void>(sys.spawn([&](context&) {
    local_socket socket(io::executor(), {}, one.release());
    asio::async_write(socket, asio::buffer(sent), wait);
  }));
  static_cast<void>(sys.spawn([&](context&) {
    local_socket socket(io::executor(), {}, two.release());
    EXPECT_EQ(asio::async_read(socket, asio::buffer(came), wait.within(1min)), sent.size());
  }));
  sys.await_actors();
  EXPECT_EQ(came, sent);
}

TEST(Wait, ReadsAndWritesOfOneSocketMayStandAtATime) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    const auto executor = io::executor();
    local_socket one(executor);
    local_socket two(executor);
    asio::local::connect_pair(one, two);
    constexpr int rounds = 500;
    counter others;
    run(
        [&] {  // echoes on the other end
          char byte{};
          for (int i = 0; i < rounds; ++i) {
            asio::async_read(two, asio::buffer(&byte, 1), wait);
            asio::async_write(two, asio::buffer(&byte, 1), wait);
          }
        },
        others);
    run(
        [&] {
          for (int i = 0; i < rounds; ++i) asio::async_write(one, asio::buffer("x", 1), wait);
        },
        others);
    for (int i = 0; i < rounds; ++i) {
      char byte{};
      asio::async_read(one, asio::buffer(&byte, 1), wait);
      EXPECT_EQ(byte, 'x');
      self.yield();
    }
    others.wait();
  });
}

}  // namespace
}  // namespace troupe

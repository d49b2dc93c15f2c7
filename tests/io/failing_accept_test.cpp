// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Listeners whose accept4(2) fails for a while. A program of its own: it is linked with another
// accept4().

#include <support/eventually.hpp>
#include <io/in_actor.hpp>
#include <io/peer.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <system_error>
#include <utility>

#include <sys/socket.h>

namespace {

// Relaxed: set before the connection is made that the calls are about.
std::atomic<int> failures_left{0};
std::atomic<int> injected{0};
std::atomic<int> calls{0};  // of which there was something to accept, or which failed
std::atomic<int> empty_calls{0};

}  // namespace

// What the linker (--wrap) calls the real one, and calls instead of it.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" int __real_accept4(int descriptor, sockaddr* address, socklen_t* size, int flags);
extern "C" int __wrap_accept4(int descriptor, sockaddr* address, socklen_t* size, int flags) {
  if (failures_left.load(std::memory_order_relaxed) > 0) {
    failures_left.fetch_sub(1, std::memory_order_relaxed);
    calls.fetch_add(1, std::memory_order_relaxed);
    errno = injected.load(std::memory_order_relaxed);
    return -1;
  }
  const int result = __real_accept4(descriptor, address, size, flags);
  const bool is_empty = result == -1 && (errno == EAGAIN || errno == EWOULDBLOCK);
  (is_empty ? empty_calls : calls).fetch_add(1, std::memory_order_relaxed);
  return result;
}
// NOLINTEND(bugprone-reserved-identifier)

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::in_actor;
using test::peer;

/// Lets the next calls fail.
void fail(int times, int error) {
  injected = error;
  calls = 0;
  empty_calls = 0;
  failures_left = times;
}

constexpr int aborted = 50;
// After pauses of 5, 10, 20, 40, 80 and 160 ms the seventh call succeeds.
constexpr int shortages = 6;
constexpr auto shortage_lasts = 315ms;

/// Beside what a shortage takes of the wall clock.
class cheap {
 public:
  ~cheap() {
    EXPECT_GE(std::chrono::steady_clock::now() - begun_, shortage_lasts);
    EXPECT_LT(static_cast<double>(std::clock() - cpu_begun_) / CLOCKS_PER_SEC, 0.15);
  }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::clock_t cpu_begun_ = std::clock();
};

struct listening {
  io::tcp_listener listener = io::tcp_listener::bind("127.0.0.1", 0);
  std::uint16_t port = listener.local_endpoint().port();
};

void echo_once(io::tcp_stream& stream) {
  std::byte room[1];
  stream.read_exactly(room);
  stream.write_all(room);
}

void expect_echo(peer& client) {
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
}

TEST(FailingAccept, ConnectionsThatWereGivenUpAreSkippedByOneCall) {
  troupe::system sys({.workers = 1});
  for (const int error : {ECONNABORTED, EPROTO, ENETDOWN, EHOSTUNREACH}) {
    listening at;
    peer client = peer::connect_to(at.port);
    in_actor(sys, [&](context&) {
      fail(aborted, error);
      auto stream = at.listener.accept();
      EXPECT_EQ(calls, aborted + 1) << error;
      EXPECT_EQ(empty_calls, 0);
      EXPECT_TRUE(stream);
    });
    peer another = peer::connect_to(at.port);
    fail(aborted, error);
    std::error_code problem;
    EXPECT_TRUE(at.listener.try_accept(problem)) << problem.message();
    EXPECT_EQ(calls, aborted + 1) << error;
  }
}

TEST(FailingAccept, AnAcceptWaitsThroughAShortage) {
  troupe::system sys({.workers = 1});
  for (const int error : {ENFILE, ENOBUFS}) {
    listening at;
    peer client = peer::connect_to(at.port);
    in_actor(sys, [&](context&) {
      const cheap expected;
      fail(shortages, error);
      auto stream = at.listener.accept();
      EXPECT_EQ(calls, shortages + 1) << error;
      EXPECT_TRUE(stream);
    });
  }
}

TEST(FailingAccept, AKillEndsAnAcceptThatWaitsThroughAShortage) {
  listening at;
  const auto token = std::make_shared<int>();
  bool went_on = false;
  troupe::system sys({.workers = 1});
  const peer client = peer::connect_to(at.port);
  for (const int seen : {1, 5}) {  // pauses of 5 ms, and of 80 ms
    fail(1'000'000'000, EMFILE);
    const auto waiter = sys.spawn([&](context&) {
      const auto held = token;  // NOLINT(performance-unnecessary-copy-initialization): counted
      static_cast<void>(at.listener.accept());
      went_on = true;
    });
    EXPECT_TRUE(test::eventually([&] { return calls >= seen; }));
    in_actor(sys, [](context&) {});  // on the only worker: so the first one waits
    EXPECT_TRUE(waiter.alive());
    waiter.kill();
    sys.await_actors();
    EXPECT_EQ(token.use_count(), 1);  // its frame has unwound
    EXPECT_FALSE(went_on);
  }
  fail(0, 0);
  in_actor(sys, [&](context&) { EXPECT_TRUE(at.listener.accept()); });  // it has waited meanwhile
}

/// What is common to serve() and accept_for(): `start(listener)` begins one of them.
template <class Start>
void expect_recovery(Start&& start) {
  listening at;
  const std::uint16_t port = at.port;
  fail(aborted, ECONNABORTED);
  start(std::move(at.listener));
  peer first = peer::connect_to(port);
  expect_echo(first);
  EXPECT_EQ(calls, aborted + 1);

  const cheap expected;
  fail(shortages, ENFILE);
  peer second = peer::connect_to(port);
  expect_echo(second);
  EXPECT_EQ(calls, shortages + 1);
}

TEST(FailingAccept, AServerSkipsAndRecovers) {
  troupe::system sys({.workers = 2});
  expect_recovery([&](io::tcp_listener listener) {
    static_cast<void>(serve(sys, std::move(listener),
                            [](context&, io::tcp_stream stream) { echo_once(stream); }));
  });
}

TEST(FailingAccept, AcceptForSkipsAndRecovers) {
  troupe::system sys({.workers = 2});
  expect_recovery([&](io::tcp_listener listener) {
    const auto owner = sys.spawn([](context& self) {
      for (;;) {
        self.receive([](new_connection<io::tcp_stream> come) { echo_once(come.stream); });
      }
    });
    static_cast<void>(accept_for(sys, std::move(listener), owner));
  });
}

}  // namespace
}  // namespace troupe

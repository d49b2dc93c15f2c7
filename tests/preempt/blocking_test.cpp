// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A behavior that sits in a blocking call does not hold its worker, and gets one again afterwards.
#include <troupe/io/executor.hpp>
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <asio/steady_timer.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::eventually;
using test::get;
using test::must_come;
using test::must_end;
using test::scaled;
using test::spin_until;

class pipe_pair {
 public:
  pipe_pair() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  }
  ~pipe_pair() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  pipe_pair(const pipe_pair&) = delete;
  pipe_pair& operator=(const pipe_pair&) = delete;

  /// read(2), as any library may do it.
  char read() const {
    char c = 0;
    ssize_t n = 0;
    while ((n = ::read(ends_[0], &c, 1)) < 0 && errno == EINTR) {
    }
    EXPECT_EQ(n, 1);
    return c;
  }
  void write(char c) const { EXPECT_EQ(::write(ends_[1], &c, 1), 1); }

 private:
  std::array<int, 2> ends_{};
};

class Blocking : public testing::TestWithParam<preemption> {
 protected:
  static system_options one_worker() {
    system_options o;
    o.workers = 1;
    o.preempt.mode = GetParam();
    return o;
  }
  /// Lets `block(self, go_on)` run as an actor of a system with one worker, which must answer
  /// others meanwhile; then `end()` is called, and `go_on` gets false.
  template <class Block, class End>
  static void answers_beside(Block block, End end) {
    system sys(one_worker());
    std::atomic<bool> going{true};
    std::atomic<bool> begun{false};
    std::atomic<int> messages{0};
    sys.spawn([&](context& self) {
      begun = true;
      block(going);
      self.sleep_for(1us);  // it is an actor like any other again
      ++messages;
    });
    const auto e = sys.spawn<echo>();
    must_come(sys, [&] { return begun.load(); });
    for (std::size_t i = 0; i < scaled(20); ++i) EXPECT_EQ(sys.ask(e, get{}), 1);
    EXPECT_EQ(messages, 0);
    going = false;
    end();
    e.kill();
    must_end(sys);
    EXPECT_EQ(messages, 1);
  }
};

TEST_P(Blocking, InReadOfAPipeHoldsNoWorker) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  for (std::size_t round = 0; round < scaled(20); ++round) {
    const pipe_pair p;
    answers_beside([&](const std::atomic<bool>&) { EXPECT_EQ(p.read(), 'x'); },
                   [&] { p.write('x'); });
  }
}

// Who was stopped as it computed is looked at rarely when it goes on.
TEST_P(Blocking, AfterItWasStoppedHoldsNoWorker) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  if (GetParam() != preemption::full) GTEST_SKIP() << "nobody is stopped";
  for (std::size_t round = 0; round < scaled(20); ++round) {
    const pipe_pair p;
    system sys(one_worker());
    const auto e = sys.spawn<echo>();
    std::atomic<bool> go_on{false};
    for (int i = 0; i < 2; ++i) {
      sys.spawn([&](context&) {
        spin_until([&] { return go_on.load(); });
        EXPECT_EQ(p.read(), 'x');
      });
    }
    must_come(sys, [&] { return sys.preemption().preemptions >= 3; });
    go_on = true;
    must_come(sys, [&] { return sys.preemption().unbinds >= 2; });
    EXPECT_EQ(sys.ask(e, get{}), 1);
    p.write('x');
    p.write('x');
    e.kill();
    must_end(sys);
  }
}

// Its stack was for it alone, and the carrier that has to do without it has no worker.
TEST_P(Blocking, ToTheEndOfABehaviorWithAStackOfItsOwn) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  for (std::size_t round = 0; round < scaled(20); ++round) {
    system sys(one_worker());
    const pipe_pair p;
    sys.spawn(spawn_options{.stack_size = std::size_t{128} * 1024},
              [&](context&) { EXPECT_EQ(p.read(), 'x'); });
    must_come(sys, [&] { return sys.preemption().unbinds == 1; });
    p.write('x');
    must_end(sys);
  }
}

struct deep : actor<void(get)> {
  explicit deep(std::atomic<int>& of) : calls(&of) {}
  void on(get) {
    volatile char frame[std::size_t{128} * 1024];
    // From its top, so that it does not step over a guard.
    for (std::size_t i = sizeof frame; i != 0; i -= 1024) frame[i - 1] = 'x';
    ++*calls;
  }
  std::atomic<int>* calls;
};

// A carrier stays on the stack on which its behavior has ended, until it carries a worker again.
TEST_P(Blocking, ToTheEndOnASmallStackLeavesHandlersTheirs) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys(one_worker());
  std::atomic<int> calls{0};
  const auto needs_much = sys.spawn<deep>(calls);
  std::uint64_t unbinds = 0;
  const auto block_all = [&](const auto& pipes, std::size_t stack_size) {
    for (const pipe_pair& p : pipes) {
      sys.spawn(spawn_options{.stack_size = stack_size},
                [&p](context&) { EXPECT_EQ(p.read(), 'x'); });
      must_come(sys, [&] { return sys.preemption().unbinds > unbinds; });
      unbinds = sys.preemption().unbinds;
      const int before = calls;
      needs_much.send(get{});
      must_come(sys, [&] { return calls == before + 1; });
    }
    for (const pipe_pair& p : pipes) p.write('x');
    must_come(sys, [&] { return sys.actor_count() == 1; });
  };
  block_all(std::array<pipe_pair, 4>(), std::size_t{64} * 1024);
  block_all(std::array<pipe_pair, 12>(),
            0);  // all carriers that were spare come to carry the worker
}

TEST_P(Blocking, InSleepHoldsNoWorker) {
  answers_beside(
      [](const std::atomic<bool>& going) {
        while (going) std::this_thread::sleep_for(20ms);
      },
      [] {});
}

TEST_P(Blocking, ForAMutexHoldsNoWorker) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  for (std::size_t round = 0; round < scaled(20); ++round) {
    std::mutex mutex;
    mutex.lock();
    answers_beside([&](const std::atomic<bool>&) { const std::scoped_lock lock(mutex); },
                   [&] { mutex.unlock(); });
  }
}

TEST_P(Blocking, InGetaddrinfoGivesTheAnswer) {
  system sys(one_worker());
  std::atomic<int> found{0};
  for (int i = 0; i < 8; ++i) {
    sys.spawn([&](context&) {
      for (std::size_t n = 0; n < scaled(20); ++n) {
        addrinfo* list = nullptr;
        ASSERT_EQ(::getaddrinfo("localhost", nullptr, nullptr, &list), 0);
        ::freeaddrinfo(list);
      }
      ++found;
    });
  }
  must_end(sys);
  EXPECT_EQ(found, 8);
}

TEST_P(Blocking, ForWhatAnotherActorOfTheSameWorkerWritesEnds) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys(one_worker());
  constexpr int n = 8;
  std::array<pipe_pair, n> pipes;
  std::atomic<int> right{0};
  for (int i = 0; i < n; ++i) {
    sys.spawn([&, i](context& self) {
      self.spawn([&, i](context&) { pipes[static_cast<std::size_t>(i)].write('a'); });
      if (pipes[static_cast<std::size_t>(i)].read() == 'a') ++right;
      self.yield();
    });
  }
  must_end(sys);
  EXPECT_EQ(right, n);
}

TEST_P(Blocking, ManyTimesInARowCountsAndLosesNothing) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  system sys(one_worker());
  const pipe_pair there;
  const pipe_pair back;
  const std::size_t rounds = scaled(200);
  std::atomic<std::size_t> done{0};
  sys.spawn([&](context& self) {
    for (std::size_t i = 0; i < rounds; ++i) {
      there.write('t');
      EXPECT_EQ(back.read(), 'b');
      if (i % 10 == 0) self.yield();
      ++done;
    }
  });
  sys.spawn([&](context& self) {
    for (std::size_t i = 0; i < rounds; ++i) {
      EXPECT_EQ(there.read(), 't');
      back.write('b');
      if (i % 7 == 0) self.sleep_for(1us);
    }
  });
  must_end(sys);
  EXPECT_EQ(done, rounds);
  EXPECT_GT(sys.preemption().unbinds, 0U);
  const auto at_rest = [&] {
    const auto c = sys.preemption().carriers;
    return c.bound == 1 && c.frozen == 0 && c.unbound == 0;
  };
  EXPECT_TRUE(eventually(at_rest));
}

// --- blocking()

TEST_P(Blocking, SaidBeforehandReturnsWhatTheCallReturns) {
  system sys(one_worker());
  std::atomic<int> done{0};
  sys.spawn([&](context&) {
    EXPECT_EQ(blocking([] { return 42; }), 42);
    auto owner = blocking([] { return std::make_unique<int>(7); });
    EXPECT_EQ(*owner, 7);
    int& reference = blocking([&]() -> int& { return *owner; });
    EXPECT_EQ(&reference, owner.get());
    EXPECT_THROW(blocking([] { throw std::runtime_error("no"); }), std::runtime_error);
    ++done;
  });
  must_end(sys);
  EXPECT_EQ(done, 1);
}

TEST_P(Blocking, SaidBeforehandHoldsNoWorker) {
  const pipe_pair p;
  answers_beside(
      [&](const std::atomic<bool>&) { EXPECT_EQ(blocking([&] { return p.read(); }), 'x'); },
      [&] { p.write('x'); });
}

TEST_P(Blocking, SaidBeforehandLetsTheWorkerGoAtOnce) {
  // It computes: nothing but blocking() tells that the worker is free.
  answers_beside(
      [](const std::atomic<bool>& going) { blocking([&] { spin_until([&] { return !going; }); }); },
      [] {});
}

TEST_P(Blocking, SaidBeforehandStaysOnItsThread) {
  system sys(one_worker());
  std::atomic<int> done{0};
  for (int i = 0; i < 10; ++i) {
    sys.spawn([&](context&) {
      thread_local int mine = 0;
      const auto thread = std::this_thread::get_id();
      mine = 5;
      blocking([&] {
        std::this_thread::sleep_for(1ms);
        EXPECT_EQ(std::this_thread::get_id(), thread);
      });
      EXPECT_EQ(std::this_thread::get_id(), thread);
      EXPECT_EQ(mine, 5);
      ++done;
    });
  }
  must_end(sys);
  EXPECT_EQ(done, 10);
}

TEST_P(Blocking, SaidBeforehandMayStillSend) {
  system sys(one_worker());
  std::atomic<bool> got{false};
  const any_ref to = sys.spawn([&](context& self) {
    self.receive([](int n) { EXPECT_EQ(n, 3); });
    got = true;
  });
  sys.spawn([&](context& self) {
    blocking([&] { to.send(3); });
    while (!got) self.yield();
  });
  must_end(sys);
}

// The inner call has no worker to give away, and takes none.
TEST_P(Blocking, SaidBeforehandTwiceLastsUntilTheOuterCallReturns) {
  answers_beside(
      [](const std::atomic<bool>& going) {
        blocking([&] {
          EXPECT_EQ(blocking([] { return 1; }), 1);
          spin_until([&] { return !going; });
        });
      },
      [] {});
}

TEST_P(Blocking, SaidBeforehandComesBackBesideOneThatYieldsAllTheTime) {
  system sys(one_worker());
  std::atomic<bool> away{false};
  std::atomic<bool> back{false};
  sys.spawn([&](context&) {
    blocking([&] { away = true; });
    back = true;
  });
  sys.spawn([&](context& self) {
    spin_until([&] { return away.load(); });
    while (!back) self.yield();
  });
  must_end(sys);
}

// Nobody who does not wait waits for a worker: it might hold what the worker waits for.
TEST_P(Blocking, SaidBeforehandMayAskForReactorAndExecutorWhileNoWorkerIsToBeHad) {
  system sys(one_worker());
  std::atomic<bool> away{false};
  std::atomic<bool> taken{false};
  std::atomic<bool> done{false};
  sys.spawn([&](context& self) {
    blocking([&] {
      away = true;
      spin_until([&] { return taken.load(); });
      EXPECT_LT(self.reactor().statistics().sockets, 1'000U);
      EXPECT_EQ(asio::steady_timer(io::executor()).cancel(), 0U);
      done = true;
    });
  });
  must_come(sys, [&] { return away.load(); });
  sys.spawn([&](context&) {
    const no_preempt section;
    taken = true;
    spin_until([&] { return done.load(); });
  });
  must_end(sys);
}

TEST_P(Blocking, SaidBeforehandWithinNoPreemptIsAnError) {
  system sys(one_worker());
  std::atomic<int> done{0};
  sys.spawn([&](context&) {
    const no_preempt section;
    EXPECT_THROW(blocking([] {}), std::logic_error);
    ++done;
  });
  must_end(sys);
  EXPECT_EQ(done, 1);
}

INSTANTIATE_TEST_SUITE_P(In, Blocking, testing::Values(preemption::full, preemption::isolate),
                         [](const auto& chosen) {
                           return chosen.param == preemption::full ? "Full" : "Isolate";
                         });

TEST(BlockingCall, OnAPlainThreadJustCalls) {
  EXPECT_EQ(blocking([] { return 1; }), 1);
  EXPECT_THROW(blocking([] { throw std::runtime_error("no"); }), std::runtime_error);
}

TEST(BlockingCall, WithPreemptionOffJustCalls) {
  system sys({.workers = 1, .preempt = {.mode = preemption::off}});
  std::atomic<int> done{0};
  sys.spawn([&](context&) {
    EXPECT_EQ(blocking([] { return 1; }), 1);
    ++done;
  });
  must_end(sys);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(sys.preemption().unbinds, 0U);
}

}  // namespace
}  // namespace troupe

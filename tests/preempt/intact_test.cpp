// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A behavior does not notice that it was preempted.
#include <preempt/spinning.hpp>

#include <support/random.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cfenv>
#include <chrono>
#include <csignal>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace troupe {
namespace {

using test::contended_worker;
using test::scaled;

const int preemptions = static_cast<int>(scaled(20));

/// Runs `body(worker)` as an actor beside others and waits for its end.
template <class Body>
void preempted(Body body) {
  std::atomic<bool> done{false};
  contended_worker worker;
  worker.sys.spawn([&](context&) {
    body(worker);
    done = true;
  });
  EXPECT_TRUE(test::eventually([&] { return done.load(); }));
  EXPECT_GT(test::times_taken(worker.sys), 0U);
}

TEST(Intact, IsErrno) {
  preempted([](const contended_worker& w) {
    for (const int n : {0, EINTR, ENOENT, 4711}) {
      errno = n;
      w.be_preempted(preemptions);
      EXPECT_EQ(errno, n);
    }
  });
}

TEST(Intact, IsTheThreadAndWhatIsThreadLocal) {
  preempted([](const contended_worker& w) {
    thread_local std::string mine;
    const auto thread = std::this_thread::get_id();
    const std::string* const address = &mine;
    mine = "one that does not fit into the object itself";
    w.be_preempted(preemptions);
    EXPECT_EQ(std::this_thread::get_id(), thread);
    EXPECT_EQ(&mine, address);
    EXPECT_EQ(mine, "one that does not fit into the object itself");
  });
}

TEST(Intact, IsAThreadLocalOfManyThatAreFrozenAtOnce) {
  thread_local int mine = -1;
  contended_worker worker;
  constexpr int n = 16;
  std::atomic<int> right{0};
  for (int i = 0; i < n; ++i) {
    worker.sys.spawn([&, i](context&) {
      mine = i;
      worker.be_preempted(3);
      if (mine == i) ++right;
    });
  }
  worker.end();
  EXPECT_EQ(right, n);
}

/// One third, rounded as the thread says.
[[gnu::noinline]] double third() {
  volatile double one = 1.0;
  volatile double three = 3.0;
  return one / three;
}

TEST(Intact, IsTheRoundingMode) {
  preempted([](const contended_worker& w) {
    const int before = std::fegetround();
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST}) {
      ASSERT_EQ(std::fesetround(mode), 0);
      const double x = third();
      w.be_preempted(preemptions);
      EXPECT_EQ(std::fegetround(), mode);
      EXPECT_EQ(third(), x);
    }
    std::fesetround(before);
  });
}

TEST(Intact, IsTheRoundingModeOfTheOthers) {
  struct divider : actor<double(test::get)> {
    double on(test::get) { return third(); }
  };
  std::atomic<bool> stop{false};
  contended_worker worker;
  const double expected = third();
  const auto d = worker.sys.spawn<divider>();
  worker.sys.spawn([&](context&) {
    const int before = std::fegetround();
    std::fesetround(FE_UPWARD);
    while (!stop) worker.be_preempted(1);
    std::fesetround(before);
  });
  for (std::size_t i = 0; i < scaled(50); ++i) EXPECT_EQ(worker.sys.ask(d, test::get{}), expected);
  stop = true;
  d.kill();
}

#if defined(__x86_64__)
TEST(Intact, IsFlushingToZero) {
  preempted([](const contended_worker& w) {
    const unsigned before = _mm_getcsr();
    _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
    const unsigned set = _mm_getcsr();
    w.be_preempted(preemptions);
    EXPECT_EQ(_mm_getcsr(), set);
    _mm_setcsr(before);
  });
}
#endif

/// Spins, is preempted, in the middle of unwinding.
class late {
 public:
  explicit late(const contended_worker& w) : worker_(w) {}
  ~late() {
    EXPECT_EQ(std::uncaught_exceptions(), 1);
    worker_.be_preempted(preemptions);
    EXPECT_EQ(std::uncaught_exceptions(), 1);
    try {
      throw std::bad_alloc();
    } catch (const std::bad_alloc&) {
      worker_.be_preempted(1);
    }
    EXPECT_EQ(std::uncaught_exceptions(), 1);
  }
  late(const late&) = delete;
  late& operator=(const late&) = delete;

 private:
  const contended_worker& worker_;
};

TEST(Intact, IsAnExceptionInFlight) {
  preempted([](const contended_worker& w) {
    try {
      const late guard(w);
      throw std::runtime_error("in flight");
    } catch (const std::runtime_error& e) {
      w.be_preempted(preemptions);
      EXPECT_STREQ(e.what(), "in flight");
      EXPECT_NE(std::current_exception(), nullptr);
      EXPECT_EQ(std::uncaught_exceptions(), 0);
    }
    EXPECT_EQ(std::current_exception(), nullptr);
  });
}

TEST(Intact, AreExceptionsOfManyThatArePreemptedWhileTheyHandleThem) {
  contended_worker worker;
  constexpr int n = 12;
  std::atomic<int> right{0};
  for (int i = 0; i < n; ++i) {
    worker.sys.spawn([&, i](context&) {
      for (int round = 0; round < 3; ++round) {
        const std::string text = "exception " + std::to_string(i);
        try {
          throw std::runtime_error(text);
        } catch (const std::exception& e) {
          worker.be_preempted(2);
          try {
            throw;
          } catch (const std::runtime_error& again) {
            if (text == again.what() && static_cast<const std::exception*>(&again) == &e) ++right;
          }
        }
      }
    });
  }
  worker.end();
  EXPECT_EQ(right, 3 * n);
}

TEST(Intact, IsTheSignalMask) {
  preempted([](const contended_worker& w) {
    const auto mask = [] {
      sigset_t set;
      ::sigemptyset(&set);
      ::pthread_sigmask(SIG_BLOCK, nullptr, &set);
      std::string blocked;
      for (int s = 1; s < NSIG; ++s) blocked += ::sigismember(&set, s) == 1 ? '1' : '0';
      return blocked;
    };
    const std::string before = mask();
    w.be_preempted(preemptions);
    EXPECT_EQ(mask(), before);
  });
}

TEST(Intact, AreTheRegistersOfALongComputation) {
  // More values than there are registers, none of which may change.
  const auto compute = [](auto&& in_between) {
    std::array<double, 24> x{};
    std::array<std::uint64_t, 12> n{};
    for (int round = 0; round < 1'000; ++round) {
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] * 0.999 + static_cast<double>(i);
      for (std::size_t i = 0; i < n.size(); ++i) n[i] = n[i] * 6364136223846793005U + i;
      in_between(round);
    }
    std::array<double, 36> all{};
    for (std::size_t i = 0; i < x.size(); ++i) all[i] = x[i];
    for (std::size_t i = 0; i < n.size(); ++i) all[24 + i] = static_cast<double>(n[i] >> 12U);
    return all;
  };
  const auto expected = compute([](int) {});
  preempted([&](const contended_worker& w) {
    const auto result = compute([&](int round) {
      if (round % 100 == 0) w.be_preempted(1);
    });
    EXPECT_EQ(result, expected);
  });
}

}  // namespace
}  // namespace troupe

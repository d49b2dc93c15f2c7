// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Exceptions belong to the generator in which they were thrown.
#include <support/seed.hpp>
#include <scheduler/routine.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::detail {
namespace {

using test::routine;

TEST(SwitchExceptions, AnExceptionStaysOnItsStack) {
  std::string caught;
  routine r([&](routine& me) {
    try {
      me.leave();
      throw std::runtime_error("inside");
    } catch (const std::runtime_error& e) {
      caught = e.what();
    }
  });
  r.run();
  r.run();
  EXPECT_TRUE(r.finished());
  EXPECT_EQ(caught, "inside");
}

TEST(SwitchExceptions, EachGeneratorHandlesItsOwnException) {
  const auto body = [](std::string mine) {
    return [mine](routine& me) {
      try {
        throw std::runtime_error(mine);
      } catch (...) {
        me.leave();
        try {
          throw;  // the one this generator handles, whoever else has thrown meanwhile
        } catch (const std::runtime_error& e) {
          EXPECT_EQ(e.what(), mine);
        }
        me.leave();
      }
      EXPECT_EQ(std::current_exception(), nullptr);
    };
  };
  routine a(body("a"));
  routine b(body("b"));
  for (int i = 0; i < 3; ++i) {
    a.run();
    EXPECT_EQ(std::current_exception(), nullptr);
    b.run();
  }
  EXPECT_TRUE(a.finished());
  EXPECT_TRUE(b.finished());
}

TEST(SwitchExceptions, AGeneratorStartedInACatchBlockHandlesNothing) {
  routine r([](routine&) {
    EXPECT_EQ(std::current_exception(), nullptr);
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  });
  try {
    throw 1;
  } catch (int) {
    r.run();
    EXPECT_NE(std::current_exception(), nullptr);
  }
  EXPECT_TRUE(r.finished());
}

struct leave_when_destroyed {
  routine& r;
  ~leave_when_destroyed() {
    EXPECT_EQ(std::uncaught_exceptions(), 1);
    r.leave();
    EXPECT_EQ(std::uncaught_exceptions(), 1);
  }
};

void throw_and_leave_while_unwinding(routine& me) {
  try {
    const leave_when_destroyed leaves{me};
    throw std::runtime_error("in flight");
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "in flight");
  }
  EXPECT_EQ(std::uncaught_exceptions(), 0);
}

TEST(SwitchExceptions, UnwindingMayBeInterruptedByASwitch) {
  routine a(throw_and_leave_while_unwinding);
  routine b(throw_and_leave_while_unwinding);
  a.run();
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  b.run();
  a.run();
  b.run();
  EXPECT_TRUE(a.finished());
  EXPECT_TRUE(b.finished());
}

TEST(SwitchExceptions, UnwindingGoesOnOnAnotherThread) {
  routine r(throw_and_leave_while_unwinding);
  r.run();
  r.run_on_new_thread();
  EXPECT_TRUE(r.finished());
}

TEST(SwitchExceptions, ACatchBlockGoesOnOnAnotherThread) {
  routine r([](routine& me) {
    try {
      throw std::runtime_error("here");
    } catch (const std::runtime_error&) {
      me.leave();
      EXPECT_THROW(throw, std::runtime_error);
    }
  });
  r.run_on_new_thread();
  EXPECT_EQ(std::current_exception(), nullptr);
  r.run();
  EXPECT_TRUE(r.finished());
}

/// Generators that any of several threads may go on with, each handled by one at a time.
class exchange_place {
 public:
  void put(routine& r) {
    const std::lock_guard hold(mutex_);
    waiting_.push_back(&r);
    changed_.notify_one();
  }
  void close() {
    const std::lock_guard hold(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  routine* take(std::mt19937_64& random) {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return nullptr;
    std::swap(waiting_[random() % waiting_.size()], waiting_.back());
    routine* const r = waiting_.back();
    waiting_.pop_back();
    return r;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<routine*> waiting_;
  bool closed_ = false;
};

TEST(SwitchExceptions, GeneratorsWanderBetweenThreadsWithTheirExceptions) {
  constexpr int count = 20;
  constexpr int steps = 200;
  exchange_place place;
  std::mutex mutex;
  int unfinished = count;

  std::vector<std::unique_ptr<routine>> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(std::make_unique<routine>([i](routine& me) {
      for (int step = 0; step < steps; ++step) {
        try {
          throw i * steps + step;
        } catch (int value) {
          me.leave();
          ASSERT_EQ(value, i * steps + step);
          ASSERT_NE(std::current_exception(), nullptr);
        }
        throw_and_leave_while_unwinding(me);
      }
    }));
    place.put(*all.back());
  }
  const auto work = [&](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    while (routine* const r = place.take(random)) {
      r->run();
      if (!r->finished()) {
        place.put(*r);
      } else if (const std::lock_guard hold(mutex); --unfinished == 0) {
        place.close();
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 3; ++i) threads.emplace_back(work, test::seed() + i);
  for (auto& t : threads) t.join();
  EXPECT_EQ(unfinished, 0);
}

}  // namespace
}  // namespace troupe::detail

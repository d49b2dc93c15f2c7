// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/scheduler/internal/switch.hpp>

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unwind.h>

#include <cfenv>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;
constexpr bool sanitized = TROUPE_ASAN || TROUPE_TSAN;

/// A generator with a lambda for a body: run() goes there, leave() comes back.
class routine {
 public:
  explicit routine(std::function<void(routine&)> body)
      : body_(std::move(body)), self_(raw_generator::create(stack_bytes, &enter, this)) {}
  ~routine() { raw_generator::destroy(self_); }
  routine(const routine&) = delete;
  routine& operator=(const routine&) = delete;

  void run() {
    root_generator here;
    caller_ = &here;
    switch_to(here, *self_);
  }
  void leave() { switch_to(*self_, *caller_); }
  void run_on_new_thread() {
    std::thread([this] { run(); }).join();
  }

  raw_generator& self() { return *self_; }
  bool finished() const { return finished_; }

 private:
  static void enter(void* argument) {
    auto& r = *static_cast<routine*>(argument);
    r.body_(r);
    r.finished_ = true;
    finish(*r.self_, *r.caller_);
  }

  std::function<void(routine&)> body_;
  raw_generator* self_;
  raw_generator* caller_ = nullptr;
  bool finished_ = false;
};

bool lies_on(const raw_generator& g, const void* address) {
  const auto base = reinterpret_cast<std::uintptr_t>(g.stack_base());
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  return wanted >= base && wanted < base + g.stack_size();
}

std::size_t resident_pages(const raw_generator& g) {
  std::size_t resident = 0;
  auto* const base = static_cast<std::byte*>(const_cast<void*>(g.stack_base()));
  for (std::size_t at = 0; at < g.stack_size(); at += page_size()) {
    unsigned char page = 0;
    EXPECT_EQ(::mincore(base + at, page_size(), &page), 0);
    resident += page & 1U;
  }
  return resident;
}

TEST(Switch, TheEntryRunsOnTheGeneratorsOwnStack) {
  const void* address = nullptr;
  routine r([&](routine& me) {
    address = __builtin_frame_address(0);
    me.leave();
  });
  r.run();
  EXPECT_TRUE(lies_on(r.self(), address));
  EXPECT_FALSE(lies_on(r.self(), __builtin_frame_address(0)));
  EXPECT_TRUE(lies_on(r.self(), &r.self())) << "the record lives on the stack itself";
}

TEST(Switch, LocalsSurviveManySwitches) {
  std::uint64_t seen = 0;
  routine r([&](routine& me) {
    double half = 0.5;
    long double third = 3.0L;
    for (std::uint64_t i = 1;; ++i) {
      seen = i;
      half += 1.0;
      third += 1.0L;
      me.leave();
      EXPECT_EQ(half, 0.5 + static_cast<double>(i));
      EXPECT_EQ(third, 3.0L + static_cast<long double>(i));
    }
  });
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    r.run();
    ASSERT_EQ(seen, i);
  }
}

TEST(Switch, StacksAreAlignedForVectorInstructions) {
  routine r([](routine&) {
    alignas(32) volatile double values[4] = {1, 2, 3, 4};
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&values) % 32, 0U);
    EXPECT_EQ(std::to_string(1.5 + values[1]), "3.500000");
  });
  r.run();
  EXPECT_TRUE(r.finished());
}

TEST(Switch, GeneratorsSwitchAmongEachOther) {
  constexpr int count = 10;
  std::vector<raw_generator*> ring;
  root_generator root;
  struct link {
    raw_generator* self;
    raw_generator* next;
    int visits;
  };
  link links[count] = {};
  for (auto& l : links) {
    l.self = raw_generator::create(
        stack_bytes,
        [](void* argument) {
          auto& me = *static_cast<link*>(argument);
          for (;;) {
            ++me.visits;
            switch_to(*me.self, *me.next);
          }
        },
        &l);
  }
  for (int i = 0; i < count; ++i) links[i].next = i + 1 < count ? links[i + 1].self : &root;
  for (int round = 0; round < 1000; ++round) switch_to(root, *links[0].self);
  for (auto& l : links) {
    EXPECT_EQ(l.visits, 1000);
    raw_generator::destroy(l.self);
  }
}

TEST(Switch, DestroyingASuspendedGeneratorRunsNothingOfIt) {
  static int destroyed;
  destroyed = 0;
  struct counter {
    ~counter() { ++destroyed; }
  };
  {
    routine r([](routine& me) {
      const counter local;
      me.leave();
    });
    r.run();
  }
  EXPECT_EQ(destroyed, 0);
}

TEST(Switch, AGeneratorThatWasNeverRunCanBeDestroyed) {
  raw_generator::destroy(raw_generator::create(
      stack_bytes, [](void*) {}, nullptr));
}

TEST(Switch, AGeneratorThatHasJustStartedTouchesOnePage) {
  if (sanitized) GTEST_SKIP() << "instrumented frames are larger";
  const auto body = [](void* argument) {
    auto** const both = static_cast<raw_generator**>(argument);
    switch_to(*both[0], *both[1]);
  };
  stack* const untouched = acquire_stack(stack_bytes + 4096);  // a pool of its own: no warm stacks
  root_generator root;
  raw_generator* both[2] = {nullptr, &root};
  both[0] = raw_generator::create(stack_bytes + 4096, body, both);
  switch_to(root, *both[0]);
  EXPECT_EQ(resident_pages(*both[0]), 1U);
  raw_generator::destroy(both[0]);
  release_stack(untouched);
}

TEST(Switch, AnExceptionStaysOnItsStack) {
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

TEST(Switch, EachGeneratorHandlesItsOwnException) {
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

TEST(Switch, AGeneratorStartedInACatchBlockHandlesNothing) {
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

TEST(Switch, UnwindingMayBeInterruptedByASwitch) {
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

TEST(Switch, UnwindingGoesOnOnAnotherThread) {
  routine r(throw_and_leave_while_unwinding);
  r.run();
  r.run_on_new_thread();
  EXPECT_TRUE(r.finished());
}

TEST(Switch, ACatchBlockGoesOnOnAnotherThread) {
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

TEST(Switch, AGeneratorMayBeLeftFromAStackNestedInItsOwn) {
  routine outer([](routine& me) {
    routine inner([&me](routine&) {
      try {
        throw std::runtime_error("inner");
      } catch (const std::runtime_error&) {
        me.leave();  // as a behavior that waits inside the body of a generator
        EXPECT_NE(std::current_exception(), nullptr);
      }
    });
    inner.run();
    EXPECT_TRUE(inner.finished());
    EXPECT_EQ(std::current_exception(), nullptr);
  });
  outer.run();
  EXPECT_EQ(std::current_exception(), nullptr);
  outer.run_on_new_thread();
  EXPECT_TRUE(outer.finished());
}

TEST(Switch, TheRoundingModeBelongsToTheGenerator) {
  volatile double one = 1.0;
  volatile double three = 3.0;
  const double nearest = one / three;
  double upward = 0;
  routine r([&](routine& me) {
    std::fesetround(FE_UPWARD);
    upward = one / three;
    me.leave();
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    EXPECT_EQ(one / three, upward);
  });
  r.run();
#if defined(__x86_64__)
  EXPECT_NE(upward, nearest);
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  EXPECT_EQ(one / three, nearest);
  std::fesetround(FE_DOWNWARD);
  r.run_on_new_thread();
  EXPECT_EQ(std::fegetround(), FE_DOWNWARD);
  std::fesetround(FE_TONEAREST);
  EXPECT_TRUE(r.finished());
#endif
}

/// What _Unwind_Backtrace has met.
struct walk {
  int frames = 0;
  bool ended = false;
};

_Unwind_Reason_Code count_frame(_Unwind_Context*, void* argument) {
  auto& w = *static_cast<walk*>(argument);
  return ++w.frames > 100 ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

TEST(Switch, UnwindersStopAtTheBottomOfTheStack) {
  walk w;
  routine r([&](routine&) { w.ended = _Unwind_Backtrace(&count_frame, &w) == _URC_END_OF_STACK; });
  r.run();
  EXPECT_TRUE(w.ended);
  EXPECT_GE(w.frames, 2);
  EXPECT_LT(w.frames, 20);
}

TEST(SwitchDeathTest, AnExceptionThatLeavesTheEntryEndsTheProcess) {
  routine r([](routine&) { throw std::runtime_error("nobody catches this"); });
  EXPECT_DEATH(r.run(), "nobody catches this");
}

TEST(SwitchDeathTest, AnEntryThatReturnsEndsTheProcess) {
  root_generator root;
  raw_generator* const g = raw_generator::create(
      stack_bytes, [](void*) {}, nullptr);
  EXPECT_DEATH(switch_to(root, *g), "terminate");
  raw_generator::destroy(g);
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

TEST(Switch, GeneratorsWanderBetweenThreadsWithTheirExceptions) {
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

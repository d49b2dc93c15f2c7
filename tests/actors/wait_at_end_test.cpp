// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Destructors that wait, while their actor ends and while it is unwound.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <actors/quiet.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::quiet;
using test::scaled;

struct go {};
struct get {};

/// Owns jobs that use it, so that its destructor must wait for them.
struct job_owner : actor<void(go)> {
  explicit job_owner(std::atomic<int>& f) : finished(&f) {}
  ~job_owner() {
    jobs.wait();
    ++*finished;
  }
  void on(go) {
    run([this] { troupe::sleep_for(100us), ran = true; }, jobs);
    self().quit();
  }
  counter jobs;
  bool ran = false;
  std::atomic<int>* finished;
};

TEST(WaitAtEnd, ABehaviorsDestructorMayWaitForItsJobs) {
  for (std::size_t round = 0; round < scaled(200); ++round) {
    std::atomic<int> finished{0};
    system sys({.workers = 1 + round % 2});
    constexpr int actors = 4;
    for (int i = 0; i < actors; ++i) {
      const auto owner = sys.spawn<job_owner>(finished);
      owner.send(go{});
      if (i == 0) owner.kill();
    }
    sys.await_actors();
    ASSERT_EQ(finished, actors);
  }
}

/// Calls a function when it is destroyed.
struct at_exit {
  std::function<void()> f;
  ~at_exit() { f(); }
};

using body = std::function<void(context&)>;

struct answers : actor<int(get)> {
  int on(get) { return 1; }
};

/// Waits that end by themselves.
std::vector<std::pair<std::string, body>> brief_waits() {
  return {
      {"sleep_for", [](context& self) { self.sleep_for(1ms); }},
      {"yield", [](context& self) { self.yield(); }},
      {"receive", [](context& self) { EXPECT_FALSE(self.receive([](get) {}, after(1ms))); }},
      {"ask",
       [](context& self) {
         const auto other = self.spawn<answers>();
         EXPECT_EQ(self.ask(other, get{}), 1);
         other.kill();
       }},
      {"counter",
       [](context&) {
         counter done;
         run([] { troupe::sleep_for(1ms); }, done);
         done.wait();
       }},
  };
}

TEST(WaitAtEnd, KillUnwindsThroughDestructorsThatWait) {
  for (const auto& [name, wait] : brief_waits()) {
    SCOPED_TRACE(name);
    for (std::size_t round = 0; round < scaled(20); ++round) {
      system sys({.workers = 1 + round % 2});
      std::atomic<bool> ready{false};
      std::atomic<bool> waited{false};
      const any_ref victim = sys.spawn([&, &wait = wait](context& self) {
        const at_exit guard{[&] {
          wait(self);
          waited = true;
        }};
        ready = true;
        self.receive([](go) {});
      });
      ASSERT_TRUE(eventually([&] { return ready.load(); }));
      victim.kill();
      sys.await_actors();
      ASSERT_TRUE(waited);
    }
  }
}

TEST(WaitAtEnd, ShutdownUnwindsThroughDestructorsThatWait) {
  for (const auto& [name, wait] : brief_waits()) {
    if (name == "ask") continue;  // it spawns, which a shutdown refuses
    SCOPED_TRACE(name);
    system sys({.workers = 2});
    constexpr int actors = 20;
    std::atomic<int> ready{0};
    std::atomic<int> waited{0};
    for (int i = 0; i < actors; ++i) {
      sys.spawn([&, &wait = wait](context& self) {
        const at_exit guard{[&] {
          wait(self);
          ++waited;
        }};
        ++ready;
        self.receive([](go) {});
      });
    }
    ASSERT_TRUE(eventually([&] { return ready == actors; }));
    EXPECT_TRUE(sys.shutdown(60s).clean());
    EXPECT_EQ(waited, actors);
  }
}

TEST(WaitAtEnd, ARequestToEndDoesNotBreakAWaitDuringUnwinding) {
  for (int round = 0; round < 10; ++round) {
    system sys(quiet(1 + static_cast<std::size_t>(round) % 2));
    std::atomic<bool> unwinding{false};
    std::atomic<bool> waited{false};
    const any_ref a = sys.spawn([&](context& self) {
      const at_exit guard{[&] {
        unwinding = true;
        waited = self.receive([](go) {});
      }};
      throw std::runtime_error("unwinds");
    });
    ASSERT_TRUE(eventually([&] { return unwinding.load(); }));
    if (round % 2 == 0) {
      a.kill();
    } else {
      EXPECT_EQ(sys.shutdown(0ns).survivors.size(), 1U);
    }
    a.send(get{});  // wakes it; not what it waits for
    a.send(go{});
    sys.await_actors();
    ASSERT_TRUE(waited);
  }
}

TEST(WaitAtEnd, OutsideOfUnwindingADestructorsWaitThrowsActorExit) {
  struct waits {
    context self;
    std::atomic<bool>& ready;
    ~waits() noexcept(false) {
      ready = true;
      self.sleep_for(1h);
    }
  };
  struct catches {
    context self;
    std::atomic<bool>& ready;
    std::atomic<bool>& caught;
    ~catches() {
      ready = true;
      try {
        self.sleep_for(1h);
      } catch (const actor_exit&) {
        caught = true;
      }
    }
  };
  system sys;
  std::atomic<bool> first{false};
  std::atomic<bool> second{false};
  std::atomic<bool> caught{false};
  std::atomic<bool> passed{false};
  const any_ref a = sys.spawn([&](context& self) {
    { const waits w{self, first}; }
    passed = true;
  });
  const any_ref b = sys.spawn([&](context& self) { const catches c{self, second, caught}; });
  ASSERT_TRUE(eventually([&] { return first && second; }));
  a.kill();
  b.kill();
  sys.await_actors();
  EXPECT_FALSE(passed);
  EXPECT_TRUE(caught);
}

}  // namespace
}  // namespace troupe

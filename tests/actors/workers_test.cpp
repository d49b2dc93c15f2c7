// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::random_choices;
using test::scaled;

struct go {};
struct hop {
  int left;
};

struct ring_member : actor<void(hop), void(actor_ref<void(hop)>)> {
  explicit ring_member(std::atomic<int>& e) : ended(&e) {}
  void on(actor_ref<void(hop)> r) { next = r; }
  void on(hop h) {
    if (h.left == 0) {
      ++*ended;
    } else {
      next.send(hop{h.left - 1});
    }
  }
  actor_ref<void(hop)> next;
  std::atomic<int>* ended;
};

class Workers : public testing::TestWithParam<std::size_t> {};

TEST_P(Workers, RunRingsOfActors) {
  std::atomic<int> ended{0};
  std::vector<ref_of<ring_member>> ring;
  system sys({.workers = GetParam()});
  EXPECT_EQ(sys.worker_count(), GetParam());
  for (int i = 0; i < 100; ++i) ring.push_back(sys.spawn<ring_member>(ended));
  for (std::size_t i = 0; i < ring.size(); ++i)
    ring[i].send(actor_ref<void(hop)>(ring[(i + 1) % 100]));
  constexpr int tokens = 10;
  for (int t = 0; t < tokens; ++t) {
    ring[static_cast<std::size_t>(t) * 7].send(hop{static_cast<int>(scaled(20'000))});
  }
  EXPECT_TRUE(eventually([&] { return ended == tokens; }));
  EXPECT_EQ(sys.dead_letter_count(), 0U);
  EXPECT_EQ(sys.actor_count(), 100U);
}

TEST_P(Workers, RunActorsThatWaitInEveryWay) {
  std::atomic<int> rounds{0};
  system sys({.workers = GetParam()});
  constexpr int actors = 40;
  const int each = static_cast<int>(scaled(100));
  const auto echo = sys.spawn<int(int)>([](context& self) {
    for (;;) self.receive([](int i) { return i; });
  });
  for (std::size_t a = 0; a < actors; ++a) {
    sys.spawn([&, a](context& self) {
      random_choices random(a);
      for (int i = 0; i < each; ++i) {
        switch (random.up_to(5)) {
          case 0:
            self.sleep_for(std::chrono::microseconds(random.up_to(1000)));
            break;
          case 1:
            self.yield();
            break;
          case 2:
            EXPECT_EQ(self.ask(echo, i), i);
            break;
          case 3:
            self.ref().send(go{});
            self.receive([](go) {});
            break;
          case 4: {
            counter done;
            std::atomic<int> n{0};
            run_many(
                4, [&](std::size_t) { ++n; }, done);
            done.wait();
            EXPECT_EQ(n, 4);
            break;
          }
          default:
            EXPECT_FALSE(self.receive([](go) {}, after(std::chrono::microseconds(100))));
        }
        ++rounds;
      }
    });
  }
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; })) << test::seed_message();
  EXPECT_EQ(rounds, actors * each);
}

TEST_P(Workers, AllGetWork) {
  // As many actors as workers that wait for each other in their threads: it takes every worker.
  const std::size_t n = GetParam();
  for (std::size_t round = 0; round < scaled(50); ++round) {
    system sys({.workers = n});
    std::atomic<std::size_t> there{0};
    const auto meet = [&] {
      ++there;
      while (there < n) std::this_thread::yield();
    };
    if (round % 2 == 0) {
      for (std::size_t i = 0; i < n; ++i) sys.spawn([&](context&) { meet(); });
    } else {
      sys.spawn([&](context& self) {
        for (std::size_t i = 1; i < n; ++i) self.spawn([&](context&) { meet(); });
        ++there;
        while (there < n) self.yield();
      });
    }
    sys.await_actors();
    EXPECT_EQ(there, n);
  }
}

INSTANTIATE_TEST_SUITE_P(Number, Workers, testing::Values(1, 2, 4, 8),
                         testing::PrintToStringParamName());

TEST(Workers, AWorkerThatIsKeptBusyDoesNotKeepYieldedActorsFromOthers) {
  for (std::size_t round = 0; round < scaled(200); ++round) {
    system sys({.workers = 2});
    std::atomic<bool> release{false};
    std::atomic<bool> busy{false};
    sys.spawn([&](context& self) {
      self.spawn([&](context&) {
        busy = true;
        while (!release) std::this_thread::yield();
      });
      while (!busy) self.yield();
      release = true;  // needs the other worker
    });
    sys.await_actors();
  }
}

TEST(Workers, EachMessageFromOutsideFindsAFreeWorker) {
  // The first actor keeps its worker busy until the second one, which got its message later, ran.
  struct busy_until : actor<void(go)> {
    busy_until(std::atomic<bool>& r, std::atomic<bool>& s) : ran(&r), saw(&s) {}
    void on(go) {
      *saw = eventually([this] { return ran->load(); });
      self().quit();
    }
    std::atomic<bool>* ran;
    std::atomic<bool>* saw;
  };
  struct runs : actor<void(go)> {
    explicit runs(std::atomic<bool>& r) : ran(&r) {}
    void on(go) {
      *ran = true;
      self().quit();
    }
    std::atomic<bool>* ran;
  };
  for (int round = 0; round < 5; ++round) {
    system sys({.workers = 2});
    std::atomic<bool> ran{false};
    std::atomic<bool> saw{false};
    const auto first = sys.spawn<busy_until>(ran, saw);
    const auto second = sys.spawn<runs>(ran);
    first.send(go{});
    second.send(go{});
    sys.await_actors();
    EXPECT_TRUE(saw);
  }
}

}  // namespace
}  // namespace troupe

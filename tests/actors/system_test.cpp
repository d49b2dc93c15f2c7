// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;
using test::random_choices;
using test::scaled;

struct go {};
struct get {};
struct hop {
  int left;
};

struct idle_actor : actor<void(go), int(get)> {
  void on(go) {}
  int on(get) { return 1; }
};

// ---- options

template <class Make>
std::string text_of_invalid_argument(Make make) {
  try {
    make();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "nothing thrown";
}

TEST(SystemOptions, ErrorsNameTheField) {
  const auto text = [](system_options o) {
    return text_of_invalid_argument([&] { const system sys(std::move(o)); });
  };
  EXPECT_NE(text({.workers = 1025}).find("workers"), std::string::npos);
  EXPECT_NE(text({.workers = SIZE_MAX}).find("workers"), std::string::npos);
  EXPECT_NE(text({.stack_size = 1024}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.stack_size = 0}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.stack_size = SIZE_MAX}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.messages_per_activation = 0}).find("messages_per_activation"),
            std::string::npos);
  EXPECT_NE(text({.shutdown_deadline = -1ms}).find("shutdown_deadline"), std::string::npos);
  EXPECT_EQ(text({}), "nothing thrown");
  EXPECT_NE(text({.workers = 1025}).find("1025"), std::string::npos) << "the value, too";
  EXPECT_NE(text({.workers = 1025}).find("1024"), std::string::npos) << "and the limit";
}

TEST(SpawnOptions, ErrorsNameTheField) {
  system sys;
  const auto text = [&](spawn_options o) {
    return text_of_invalid_argument([&] { sys.spawn(std::move(o), [](context&) {}); });
  };
  EXPECT_NE(text({.stack_size = 1}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.stack_size = SIZE_MAX}).find("stack_size"), std::string::npos);
  EXPECT_NE(text({.prio = static_cast<priority>(3)}).find("prio"), std::string::npos);
  EXPECT_EQ(sys.actor_count(), 0U);
  EXPECT_EQ(text({}), "nothing thrown");
  sys.await_actors();
}

TEST(SystemOptions, AreKept) {
  const system sys({.workers = 3, .messages_per_activation = 7});
  EXPECT_EQ(sys.worker_count(), 3U);
  EXPECT_EQ(sys.options().workers, 3U);
  EXPECT_EQ(sys.options().messages_per_activation, 7U);
  const system by_default;
  EXPECT_GE(by_default.worker_count(), 1U);
}

// ---- any number of workers

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
  system sys({.workers = GetParam()});
  EXPECT_EQ(sys.worker_count(), GetParam());
  std::atomic<int> ended{0};
  std::vector<ref_of<ring_member>> ring;
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
  system sys({.workers = GetParam()});
  std::atomic<int> rounds{0};
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

// ---- counting and ending

TEST(System, AwaitActorsReturnsWhenTheLastOneHasEnded) {
  system sys({.workers = 2});
  sys.await_actors();
  for (std::size_t round = 0; round < scaled(500); ++round) {
    std::atomic<int> ended{0};
    for (int i = 0; i < 5; ++i) {
      sys.spawn([&](context& self) {
        self.spawn([&](context& inner) {
          inner.yield();
          ++ended;
        });
        ++ended;
      });
    }
    sys.await_actors();
    ASSERT_EQ(ended, 10);
    ASSERT_EQ(sys.actor_count(), 0U);
  }
}

TEST(System, AwaitActorsWorksForSeveralThreads) {
  system sys;
  for (std::size_t round = 0; round < scaled(100); ++round) {
    const any_ref a = sys.spawn([](context& self) { self.receive([](go) {}); });
    std::atomic<int> returned{0};
    std::vector<std::jthread> waiting;
    for (int t = 0; t < 3; ++t) {
      waiting.emplace_back([&] {
        sys.await_actors();
        ++returned;
      });
    }
    std::this_thread::yield();
    EXPECT_EQ(returned, 0);
    a.send(go{});
    waiting.clear();
    EXPECT_EQ(returned, 3);
  }
}

TEST(System, BlockingFunctionsAreRefusedInItsOwnBehaviors) {
  system sys;
  std::atomic<int> refused{0};
  sys.spawn([&](context&) {
    try {
      sys.await_actors();
    } catch (const std::logic_error&) {
      ++refused;
    }
    try {
      sys.shutdown(1s);
    } catch (const std::logic_error&) {
      ++refused;
    }
  });
  sys.await_actors();
  EXPECT_EQ(refused, 2);
}

// ---- several systems

TEST(Systems, TalkToEachOther) {
  system a({.workers = 1});
  system b({.workers = 2});
  system c({.workers = 1});
  struct relay : actor<void(hop), void(actor_ref<void(hop)>)> {
    explicit relay(std::atomic<bool>& d) : done(&d) {}
    void on(actor_ref<void(hop)> r) { next = r; }
    void on(hop h) {
      if (h.left == 0) {
        *done = true;
      } else {
        next.send(hop{h.left - 1});
      }
    }
    actor_ref<void(hop)> next;
    std::atomic<bool>* done;
  };
  std::atomic<bool> done{false};
  const auto in_a = a.spawn<relay>(done);
  const auto in_b = b.spawn<relay>(done);
  const auto in_c = c.spawn<relay>(done);
  in_a.send(actor_ref<void(hop)>(in_b));
  in_b.send(actor_ref<void(hop)>(in_c));
  in_c.send(actor_ref<void(hop)>(in_a));
  in_a.send(hop{static_cast<int>(scaled(20'000))});
  EXPECT_TRUE(eventually([&] { return done.load(); }));
}

TEST(Systems, MayBeMadeAndDestroyedInABehaviorOfAnother) {
  system outer({.workers = 1});
  std::atomic<int> answer{0};
  std::atomic<bool> clean{false};
  outer.spawn([&](context& self) {
    system inner({.workers = 1});
    const auto i = inner.spawn<idle_actor>();
    answer = self.ask(i, get{});
    inner.spawn([](context& other) { other.sleep_for(1ms); });
    i.kill();
    inner.await_actors();
    inner.spawn<idle_actor>();
    clean = inner.shutdown(60s).clean();
  });
  outer.await_actors();
  EXPECT_EQ(answer, 1);
  EXPECT_TRUE(clean);
}

TEST(Systems, SpawnIntoEachOther) {
  system a({.workers = 1});
  system b({.workers = 1});
  std::atomic<int> in_b{0};
  for (std::size_t i = 0; i < scaled(1000); ++i) {
    a.spawn([&](context& self) {
      b.spawn([&](context& inner) { in_b += &inner.home() == &b; });
      self.yield();
    });
  }
  a.await_actors();
  b.await_actors();
  EXPECT_EQ(in_b, static_cast<int>(scaled(1000)));
}

}  // namespace
}  // namespace troupe

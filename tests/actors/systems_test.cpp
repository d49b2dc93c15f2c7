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
#include <cstdint>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::random_choices;
using test::scaled;

struct get {};
struct hop {
  int left;
};

struct idle_actor : actor<int(get)> {
  int on(get) { return 1; }
};

TEST(Systems, TalkToEachOther) {
  std::atomic<bool> done{false};
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

TEST(Systems, EndWithoutTouchingActorsThatOthersSpawnMeanwhile) {
  // Both take their actors' memory from the same place: what one gives back, the other claims.
  system lasting({.workers = 1});
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::jthread spawner([&] {
    random_choices random(1);
    while (!stop) {
      std::vector<actor_ref<int(get)>> all;
      for (std::uint64_t n = 1 + random.up_to(2000); n > 0 && !stop; --n) {
        all.push_back(lasting.spawn<idle_actor>());
      }
      for (std::size_t i = 0; i < all.size(); i += 1 + random.up_to(200)) {
        wrong += lasting.ask(all[i], get{}) != 1;
      }
      for (const auto& each : all) each.kill();
      lasting.await_actors();
    }
  });
  random_choices random(2);
  for (std::size_t round = 0; round < scaled(2000); ++round) {
    system brief({.workers = 1});
    for (std::uint64_t n = random.up_to(2000); n > 0; --n) brief.spawn<idle_actor>();
  }
  stop = true;
  spawner.join();
  EXPECT_EQ(wrong, 0) << test::seed_message();
}

}  // namespace
}  // namespace troupe

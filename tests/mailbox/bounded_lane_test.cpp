// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/mailbox/detail/bounded_lane.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::detail {
namespace {

using outcome = bounded_lane::outcome;

/// Waits for room; counts its wake-ups instead of waiting.
struct sleeper : bounded_lane::waiter {
  sleeper() : waiter{&wake_up} {}
  static void wake_up(waiter& w) noexcept { ++static_cast<sleeper&>(w).woken; }
  int woken = 0;
};

class BoundedLane : public testing::Test {
 protected:
  outcome offer(envelope& e) { return lane_.offer(e, dropped_); }

  bounded_lane lane_;
  std::array<envelope, 6> messages_;
  envelope* dropped_ = nullptr;
};

TEST_F(BoundedLane, IsUnboundedAtFirst) {
  for (envelope& e : messages_) EXPECT_EQ(offer(e), outcome::accepted);
  for (envelope& e : messages_) EXPECT_EQ(lane_.pop(), &e);
  EXPECT_EQ(lane_.pop(), nullptr);
}

TEST_F(BoundedLane, RefusesWhatDoesNotFitAndKeepsTheOrder) {
  const std::pair<overflow, outcome> policies[] = {{overflow::fail, outcome::full_fail},
                                                   {overflow::drop_newest, outcome::full_drop},
                                                   {overflow::suspend, outcome::full_suspend}};
  for (const auto& [when, refusal] : policies) {
    lane_.configure({2, when}, 0);
    EXPECT_FALSE(lane_.has_messages());
    EXPECT_EQ(offer(messages_[0]), outcome::accepted);
    EXPECT_EQ(offer(messages_[1]), outcome::accepted);
    EXPECT_EQ(offer(messages_[2]), refusal);
    EXPECT_TRUE(lane_.has_messages());
    EXPECT_EQ(lane_.pop(), &messages_[0]);
    EXPECT_EQ(offer(messages_[2]), outcome::accepted);
    EXPECT_EQ(lane_.pop(), &messages_[1]);
    EXPECT_EQ(lane_.pop(), &messages_[2]);
    EXPECT_EQ(lane_.pop(), nullptr);
    EXPECT_FALSE(lane_.has_messages());
  }
}

TEST_F(BoundedLane, DropsTheOldestWhereThatIsThePolicy) {
  lane_.configure({2, overflow::drop_oldest}, 0);
  EXPECT_EQ(offer(messages_[0]), outcome::accepted);
  EXPECT_EQ(offer(messages_[1]), outcome::accepted);
  EXPECT_EQ(offer(messages_[2]), outcome::dropped_oldest);
  EXPECT_EQ(dropped_, &messages_[0]);
  EXPECT_EQ(offer(messages_[3]), outcome::dropped_oldest);
  EXPECT_EQ(dropped_, &messages_[1]);
  EXPECT_EQ(lane_.pop(), &messages_[2]);
  EXPECT_EQ(lane_.pop(), &messages_[3]);
}

TEST_F(BoundedLane, DropsTheOldestOfOne) {
  lane_.configure({1, overflow::drop_oldest}, 0);
  EXPECT_EQ(offer(messages_[0]), outcome::accepted);
  EXPECT_EQ(offer(messages_[1]), outcome::dropped_oldest);
  EXPECT_EQ(dropped_, &messages_[0]);
  EXPECT_EQ(lane_.pop(), &messages_[1]);
  EXPECT_EQ(lane_.pop(), nullptr);
}

TEST_F(BoundedLane, LetsMessagesInByForceAndIsFullUntilTheyAreGone) {
  lane_.configure({1, overflow::fail}, 0);
  lane_.force(messages_[0]);
  lane_.force(messages_[1]);
  EXPECT_EQ(offer(messages_[2]), outcome::full_fail);
  EXPECT_EQ(lane_.pop(), &messages_[0]);
  EXPECT_EQ(offer(messages_[2]), outcome::full_fail);
  EXPECT_EQ(lane_.pop(), &messages_[1]);
  EXPECT_EQ(offer(messages_[2]), outcome::accepted);
}

TEST_F(BoundedLane, RefusesMessagesForAnotherLifeWhateverTheBoundOfThisOne) {
  for (const overflow when :
       {overflow::fail, overflow::drop_newest, overflow::drop_oldest, overflow::suspend}) {
    lane_.configure({1, when}, 3);
    EXPECT_EQ(offer(messages_[0]), outcome::past_life) << "empty";
    messages_[1].target_generation = 3;
    EXPECT_EQ(offer(messages_[1]), outcome::accepted);
    EXPECT_EQ(offer(messages_[0]), outcome::past_life) << "full";
    EXPECT_EQ(dropped_, nullptr) << "it must not cost this life a message";
    EXPECT_EQ(lane_.pop(), &messages_[1]);
    EXPECT_EQ(lane_.pop(), nullptr);
  }
}

TEST_F(BoundedLane, WakesOneWaiterPerRoomInTheOrderOfTheirComing) {
  lane_.configure({1, overflow::suspend}, 0);
  std::array<sleeper, 3> sleepers;
  EXPECT_FALSE(lane_.enlist(sleepers[0], 0)) << "there is room";
  EXPECT_EQ(offer(messages_[0]), outcome::accepted);
  for (sleeper& each : sleepers) EXPECT_TRUE(lane_.enlist(each, 0));
  EXPECT_EQ(lane_.pop(), &messages_[0]);
  EXPECT_EQ(sleepers[0].woken, 1);
  EXPECT_EQ(sleepers[1].woken, 0);
  EXPECT_EQ(lane_.pop(), nullptr);
  EXPECT_EQ(sleepers[1].woken, 0) << "no room was made";
  lane_.wake_one();  // the first one gives up
  EXPECT_EQ(sleepers[1].woken, 1);
  lane_.wake_all();
  EXPECT_EQ(sleepers[2].woken, 1);
  lane_.wake_all();
  for (sleeper& each : sleepers) EXPECT_EQ(each.woken, 1);
}

TEST_F(BoundedLane, ForgetsAWaiterThatGivesUp) {
  lane_.configure({1, overflow::suspend}, 0);
  std::array<sleeper, 4> sleepers;
  EXPECT_EQ(offer(messages_[0]), outcome::accepted);
  for (sleeper& each : sleepers) EXPECT_TRUE(lane_.enlist(each, 0));
  EXPECT_TRUE(lane_.delist(sleepers[3]));  // the last, one in the middle, the first
  EXPECT_TRUE(lane_.delist(sleepers[1]));
  EXPECT_TRUE(lane_.delist(sleepers[0]));
  EXPECT_FALSE(lane_.delist(sleepers[0]));
  EXPECT_TRUE(lane_.enlist(sleepers[3], 0));
  EXPECT_EQ(lane_.pop(), &messages_[0]);
  EXPECT_EQ(sleepers[2].woken, 1);
  EXPECT_FALSE(lane_.delist(sleepers[2])) << "woken already";
  lane_.wake_one();
  EXPECT_EQ(sleepers[3].woken, 1);
  EXPECT_EQ(sleepers[0].woken + sleepers[1].woken, 0);
}

TEST_F(BoundedLane, DoesNotWakeForRoomThatIsNotThere) {
  lane_.configure({1, overflow::suspend}, 0);
  sleeper only;
  EXPECT_EQ(offer(messages_[0]), outcome::accepted);
  EXPECT_TRUE(lane_.enlist(only, 0));
  lane_.wake_one();
  EXPECT_EQ(only.woken, 0);
  lane_.force(messages_[1]);
  EXPECT_EQ(lane_.pop(), &messages_[0]);
  EXPECT_EQ(only.woken, 0);
  EXPECT_EQ(lane_.pop(), &messages_[1]);
  EXPECT_EQ(only.woken, 1);
}

TEST_F(BoundedLane, NobodyWaitsForRoomInAnotherLife) {
  lane_.configure({1, overflow::suspend}, 3);
  messages_[0].target_generation = 3;
  EXPECT_EQ(offer(messages_[0]), outcome::accepted);
  sleeper late;
  EXPECT_FALSE(lane_.enlist(late, 1));
  EXPECT_TRUE(lane_.enlist(late, 3));
  EXPECT_TRUE(lane_.delist(late));
}

TEST_F(BoundedLane, CountsWhatItsOwnerHasTakenUntilThatIsForgotten) {
  lane_.configure({2, overflow::suspend}, 0);
  sleeper only;
  EXPECT_EQ(offer(messages_[0]), outcome::accepted);
  EXPECT_EQ(lane_.take(), &messages_[0]);
  EXPECT_EQ(lane_.take(), nullptr);
  EXPECT_EQ(offer(messages_[1]), outcome::accepted);
  EXPECT_EQ(lane_.size(), 1U);
  EXPECT_EQ(offer(messages_[2]), outcome::full_suspend);
  EXPECT_TRUE(lane_.enlist(only, 0));
  EXPECT_EQ(lane_.take(), &messages_[1]);
  EXPECT_EQ(only.woken, 0);
  EXPECT_FALSE(lane_.drops_taken());
  lane_.forget();
  EXPECT_EQ(only.woken, 1);
  EXPECT_EQ(offer(messages_[2]), outcome::accepted);
  EXPECT_EQ(offer(messages_[3]), outcome::full_suspend);
  lane_.configure({1, overflow::fail}, 2);  // the next life begins with nothing taken
  EXPECT_EQ(lane_.pop(), &messages_[2]);
  messages_[4].target_generation = 2;
  EXPECT_EQ(offer(messages_[4]), outcome::accepted);
}

TEST_F(BoundedLane, LeavesItToItsOwnerToDropTheOldestOfWhatItHasTaken) {
  lane_.configure({2, overflow::drop_oldest}, 0);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(offer(messages_[static_cast<std::size_t>(i)]), outcome::accepted);
  EXPECT_EQ(lane_.take(), &messages_[0]);
  EXPECT_EQ(lane_.take(), &messages_[1]);
  EXPECT_FALSE(lane_.drops_taken());
  EXPECT_EQ(offer(messages_[2]), outcome::accepted);
  EXPECT_EQ(lane_.take(), &messages_[2]);
  EXPECT_TRUE(lane_.drops_taken());
  lane_.forget();
  EXPECT_FALSE(lane_.drops_taken());
}

// ---- several threads ----

/// Blocks its thread until it is woken.
struct blocked : bounded_lane::waiter {
  blocked() : waiter{&wake_up} {}
  static void wake_up(waiter& w) noexcept {
    auto& me = static_cast<blocked&>(w);
    me.room.store_release(1);  // `me` is gone when its thread sees it
  }
  void wait() const {
    while (room.load_acquire() == 0) std::this_thread::yield();
  }
  atomic<int> room{0};
};

/// Senders wait for room, or give up waiting and offer again; every message arrives, in order.
TEST_F(BoundedLane, LosesNothingWhenManySendersWaitForRoom) {
  constexpr std::size_t senders = 4;
  constexpr std::uint32_t share = 5000;
  std::mt19937_64 seeds(test::seed());
  lane_.configure({3, overflow::suspend}, 0);
  std::vector<envelope> all(senders * share);
  std::vector<std::thread> threads;
  for (std::size_t me = 0; me < senders; ++me) {
    threads.emplace_back([&, me, seed = seeds()] {
      std::minstd_rand random(static_cast<std::uint32_t>(seed));
      envelope* dropped = nullptr;
      for (std::uint32_t i = 0; i < share; ++i) {
        envelope& e = all[me * share + i];
        e.sender_generation = static_cast<std::uint32_t>(me);
        e.request_id = i + 1;
        while (lane_.offer(e, dropped) == outcome::full_suspend) {
          blocked sender;
          if (!lane_.enlist(sender, 0)) continue;
          if (random() % 4 == 0 && lane_.delist(sender)) continue;
          sender.wait();
        }
      }
    });
  }
  std::array<std::uint32_t, senders> last{};
  std::uint64_t disorder = 0;
  for (std::size_t taken = 0; taken < all.size();) {
    const envelope* const e = lane_.pop();
    if (e == nullptr) {
      std::this_thread::yield();
      continue;
    }
    ++taken;
    if (e->request_id != last[e->sender_generation] + 1) ++disorder;
    last[e->sender_generation] = e->request_id;
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(disorder, 0U);
  EXPECT_FALSE(lane_.has_messages());
}

}  // namespace
}  // namespace troupe::detail

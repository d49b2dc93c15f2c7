// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/mailbox/detail/control_lane.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

struct node : queue_node {
  std::size_t sender = 0;  // plain: what is read after a take must have been published
  std::uint64_t number = 0;
};

std::vector<queue_node*> take_all(control_lane& lane) {
  std::vector<queue_node*> taken;
  queue_node* next = lane.take_all();
  for (; next != nullptr; next = next->next.load_relaxed()) taken.push_back(next);
  return taken;
}

TEST(ControlLane, HasNoNewsAtFirst) {
  control_lane lane;
  EXPECT_FALSE(lane.has_news());
  EXPECT_EQ(lane.take_all(), nullptr);
}

TEST(ControlLane, GivesEverythingBackAtOnceInTheOrderOfPushing) {
  control_lane lane;
  std::array<node, 4> nodes;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_FALSE(lane.push(nodes[i]));
  EXPECT_TRUE(lane.has_news());
  EXPECT_EQ(take_all(lane), (std::vector<queue_node*>{&nodes[0], &nodes[1], &nodes[2]}));
  EXPECT_FALSE(lane.has_news());
  EXPECT_FALSE(lane.push(nodes[3]));
  EXPECT_EQ(take_all(lane), (std::vector<queue_node*>{&nodes[3]}));
}

TEST(ControlLane, TellsOnePusherThatTheOwnerIsParked) {
  control_lane lane;
  std::array<node, 2> nodes;
  EXPECT_TRUE(lane.try_park());
  EXPECT_FALSE(lane.has_news());
  EXPECT_EQ(lane.take_all(), nullptr);
  EXPECT_TRUE(lane.push(nodes[0]));
  EXPECT_FALSE(lane.push(nodes[1]));
  EXPECT_EQ(take_all(lane), (std::vector<queue_node*>{&nodes[0], &nodes[1]}));
}

TEST(ControlLane, DoesNotParkWhileThereIsNews) {
  control_lane lane;
  node only;
  static_cast<void>(lane.push(only));
  EXPECT_FALSE(lane.try_park());
  EXPECT_EQ(take_all(lane), (std::vector<queue_node*>{&only}));
  EXPECT_TRUE(lane.try_park());
}

/// Many senders; the owner parks whenever it finds nothing, and goes on as whichever sender is
/// told.
class crowd {
 public:
  crowd(std::uint64_t seed, std::size_t senders, std::uint64_t share)
      : share_(share), nodes_(senders * share), last_(senders) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < senders; ++i) seeds_.push_back(random());
  }

  void run() {
    EXPECT_TRUE(lane_.try_park());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < seeds_.size(); ++i) threads.emplace_back([this, i] { send(i); });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(lane_.take_all(), nullptr);
    EXPECT_EQ(disorder_, 0U);
    for (const std::uint64_t last : last_) EXPECT_EQ(last, share_);
  }

 private:
  void send(std::size_t me) {
    std::minstd_rand random(static_cast<std::uint32_t>(seeds_[me]));
    for (std::uint64_t i = 0; i < share_; ++i) {
      node& n = nodes_[me * share_ + i];
      n.sender = me;
      n.number = i + 1;
      if (lane_.push(n)) own();
      if (random() % 64 == 0) std::this_thread::yield();
    }
  }

  void own() {
    do {
      for (queue_node* next = lane_.take_all(); next != nullptr;) {
        const auto& n = static_cast<const node&>(*next);
        next = next->next.load_relaxed();
        if (n.number != last_[n.sender] + 1) ++disorder_;
        last_[n.sender] = n.number;
      }
    } while (!lane_.try_park());
  }

  std::uint64_t share_;
  std::vector<node> nodes_;
  control_lane lane_;
  std::vector<std::uint64_t> last_;  // the owner's
  std::uint64_t disorder_ = 0;       // the owner's
  std::vector<std::uint64_t> seeds_;
};

TEST(ControlLane, WakesAParkedOwnerForEverySenderAndKeepsTheirOrder) {
  std::mt19937_64 seeds(test::seed());
  for (int round = 0; round < 20; ++round) {
    for (const std::size_t senders : {1U, 2U, 5U}) {
      crowd(seeds(), senders, 3000).run();
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace troupe::detail

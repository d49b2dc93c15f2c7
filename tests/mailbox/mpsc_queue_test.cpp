// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/effort.hpp>
#include <support/seed.hpp>
#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

using unlinked = mpsc_queue::unlinked;

struct node : queue_node {
  std::size_t producer = 0;  // plain: what is read after a take must have been published
  std::uint64_t number = 0;
};

TEST(MpscQueue, IsIdleAtFirstAndShowsNothing) {
  mpsc_queue queue;
  EXPECT_TRUE(queue.is_idle());
  EXPECT_FALSE(queue.has_pushed());
  EXPECT_EQ(queue.front(), nullptr);
}

TEST(MpscQueue, TellsTheFirstPusherOnlyThatTheConsumerIsIdle) {
  mpsc_queue queue;
  std::array<node, 3> nodes;
  EXPECT_TRUE(queue.push(nodes[0]));
  EXPECT_FALSE(queue.is_idle());
  EXPECT_FALSE(queue.push(nodes[1]));
  ASSERT_EQ(queue.front(), &nodes[0]);
  EXPECT_EQ(queue.unlink_front_or_idle(), unlinked::more);
  ASSERT_EQ(queue.front(), &nodes[1]);
  EXPECT_EQ(queue.unlink_front_or_idle(), unlinked::emptied);
  EXPECT_TRUE(queue.is_idle());
  EXPECT_TRUE(queue.push(nodes[2]));
}

TEST(MpscQueue, GivesNodesBackInOrderAndKeepsTheFrontLinked) {
  mpsc_queue queue;
  std::array<node, 3> nodes;
  for (node& each : nodes) static_cast<void>(queue.push(each));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_TRUE(queue.has_pushed());
    EXPECT_EQ(queue.front(), &nodes[i]);
    EXPECT_EQ(queue.front(), &nodes[i]);
    EXPECT_EQ(mpsc_queue::next_of(nodes[i]), i + 1 < nodes.size() ? &nodes[i + 1] : nullptr);
    EXPECT_EQ(queue.unlink_front(), i + 1 < nodes.size() ? unlinked::more : unlinked::emptied);
  }
  EXPECT_EQ(queue.front(), nullptr);
  EXPECT_FALSE(queue.has_pushed());
}

TEST(MpscQueue, StaysBusyWhenTheLastNodeIsUnlinkedUntilItIsToldToGoIdle) {
  mpsc_queue queue;
  std::array<node, 3> nodes;
  static_cast<void>(queue.push(nodes[0]));
  ASSERT_NE(queue.front(), nullptr);
  EXPECT_EQ(queue.unlink_front(), unlinked::emptied);
  EXPECT_FALSE(queue.is_idle());
  EXPECT_FALSE(queue.push(nodes[1]));  // busy: the consumer will look again by itself
  EXPECT_FALSE(queue.try_idle());      // there is something to look at
  ASSERT_EQ(queue.front(), &nodes[1]);
  EXPECT_EQ(queue.unlink_front(), unlinked::emptied);
  EXPECT_TRUE(queue.try_idle());
  EXPECT_TRUE(queue.push(nodes[2]));
}

TEST(MpscQueue, GivesAnIdleConsumerToOneClaimer) {
  mpsc_queue queue;
  node only;
  EXPECT_TRUE(queue.try_claim());
  EXPECT_FALSE(queue.try_claim());
  EXPECT_FALSE(queue.push(only));
  ASSERT_EQ(queue.front(), &only);
  EXPECT_EQ(queue.unlink_front_or_idle(), unlinked::emptied);
  EXPECT_TRUE(queue.try_claim());
  EXPECT_TRUE(queue.try_idle());
}

TEST(MpscQueue, TakesANodeAgainAsSoonAsItIsOut) {
  mpsc_queue queue;
  node only;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(queue.push(only));
    ASSERT_EQ(queue.front(), &only);
    EXPECT_EQ(queue.unlink_front_or_idle(), unlinked::emptied);
  }
}

TEST(MpscQueue, DoesWhatANaiveQueueDoes) {
  std::mt19937_64 random(test::seed());
  mpsc_queue queue;
  std::deque<node*> model;
  bool idle = true;
  std::vector<node> nodes(300);
  std::vector<node*> spare;
  for (node& each : nodes) spare.push_back(&each);
  for (int i = 0; i < 100'000; ++i) {
    if (random() % 2 == 0 && !spare.empty()) {
      node* const pushed = spare.back();
      spare.pop_back();
      ASSERT_EQ(queue.push(*pushed), idle);
      idle = false;
      model.push_back(pushed);
    } else if (idle) {
      ASSERT_EQ(queue.try_claim(), true);
      idle = false;
    } else if (model.empty()) {
      ASSERT_EQ(queue.front(), nullptr);
      ASSERT_TRUE(queue.try_idle());
      idle = true;
    } else {
      ASSERT_EQ(queue.front(), model.front());
      const bool may_idle = random() % 2 == 0;
      const bool last = model.size() == 1;
      ASSERT_EQ(may_idle ? queue.unlink_front_or_idle() : queue.unlink_front(),
                last ? unlinked::emptied : unlinked::more);
      idle = may_idle && last;
      spare.push_back(model.front());
      model.pop_front();
    }
    ASSERT_EQ(queue.is_idle(), idle);
    ASSERT_EQ(queue.has_pushed(), !model.empty());
  }
}

// ---- several threads ----

/// Whoever is told that the consumer was idle is the consumer until the queue is idle again; some
/// go through the queue in one way, some in the other.
class crowd {
 public:
  crowd(std::uint64_t seed, std::size_t producers, std::uint64_t share)
      : share_(share), nodes_(producers * share), last_(producers) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < producers; ++i) seeds_.push_back(random());
  }

  void run() {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < seeds_.size(); ++i) threads.emplace_back([this, i] { produce(i); });
    for (std::thread& each : threads) each.join();
    EXPECT_TRUE(queue_.is_idle());
    EXPECT_EQ(disorder_, 0U);
    EXPECT_EQ(intruders_.load_relaxed(), 0U);
    for (const std::uint64_t last : last_) EXPECT_EQ(last, share_);
  }

 private:
  void produce(std::size_t me) {
    std::minstd_rand random(static_cast<std::uint32_t>(seeds_[me]));
    for (std::uint64_t i = 0; i < share_; ++i) {
      node& n = nodes_[me * share_ + i];
      n.producer = me;
      n.number = i + 1;
      if (queue_.push(n)) consume(random() % 2 == 0);
      if (random() % 64 == 0) std::this_thread::yield();
      if (random() % 64 == 0 && queue_.try_claim()) consume(random() % 2 == 0);
    }
  }

  void consume(bool idle_with_the_last) {
    if (owners_.fetch_add_relaxed(1) != 0) intruders_.fetch_add_relaxed(1);
    for (;;) {
      queue_node* const front = queue_.front();
      if (front == nullptr) {
        owners_.fetch_sub_relaxed(1);
        if (queue_.try_idle()) return;
        owners_.fetch_add_relaxed(1);
        spin_pause();
        continue;
      }
      take(static_cast<const node&>(*front));
      owners_.fetch_sub_relaxed(1);
      unlinked what = unlink(idle_with_the_last);
      for (; what == unlinked::stalled; what = unlink(idle_with_the_last)) {
        std::this_thread::yield();
      }
      if (what == unlinked::emptied && idle_with_the_last) return;
      owners_.fetch_add_relaxed(1);
    }
  }

  unlinked unlink(bool idle_with_the_last) {
    return idle_with_the_last ? queue_.unlink_front_or_idle() : queue_.unlink_front();
  }

  void take(const node& n) {
    if (n.number != last_[n.producer] + 1) ++disorder_;
    last_[n.producer] = n.number;
  }

  std::uint64_t share_;
  std::vector<node> nodes_;
  mpsc_queue queue_;
  std::vector<std::uint64_t> last_;  // the consumer's
  std::uint64_t disorder_ = 0;       // the consumer's
  atomic<std::size_t> owners_{0};
  atomic<std::size_t> intruders_{0};
  std::vector<std::uint64_t> seeds_;
};

TEST(MpscQueue, KeepsTheOrderOfManyProducersForOneConsumerAtATime) {
  std::mt19937_64 seeds(test::seed());
  for (int round = 0; round < 20; ++round) {
    for (const std::size_t producers : {2U, 3U, 6U}) {
      crowd(seeds(), producers, 3000).run();
      if (HasFailure()) return;
    }
  }
}

TEST(MpscQueue, HandsNodesBackAndForthBetweenTwoThreads) {
  const std::size_t rounds = test::scaled(100'000);
  std::array<mpsc_queue, 2> queues;
  node ball;
  const auto play = [&](std::size_t me) {
    for (std::size_t i = 0; i < rounds; ++i) {
      queue_node* front = nullptr;
      while ((front = queues[me].front()) == nullptr) std::this_thread::yield();
      while (queues[me].unlink_front() == unlinked::stalled) std::this_thread::yield();
      ++static_cast<node*>(front)->number;
      static_cast<void>(queues[1 - me].push(*front));
    }
  };
  static_cast<void>(queues[0].push(ball));
  std::thread other(play, 1);
  play(0);
  other.join();
  EXPECT_EQ(ball.number, 2 * rounds);
}

}  // namespace
}  // namespace troupe::detail

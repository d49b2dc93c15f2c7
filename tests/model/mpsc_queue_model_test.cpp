// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// mailbox/detail/mpsc_queue.hpp: whoever a push or a claim tells that the consumer was idle is the
// consumer, until the queue is idle again.
#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <model/weakening.hpp>

#include <array>
#include <memory>
#include <optional>

namespace troupe::model {
namespace {

using detail::mpsc_queue;
using detail::plain;
using detail::queue_node;
using unlinked = mpsc_queue::unlinked;

/// How often a rare answer was met, over all schedules: a model that never meets it says nothing.
unsigned stalls = 0;
unsigned hand_overs = 0;

struct message : queue_node {
  plain<unsigned> producer;
  plain<unsigned> number;
};

enum class consumer {
  goes_idle_with_the_last,  ///< as handlers: reads the front, then unlinks it and goes idle at once
  looks_again,              ///< as `receive`: takes the front out, and goes idle when it finds none
};

/// Every producer sends its messages in order; all arrive once, in that order, and no two threads
/// are the consumer at the same time. A message is destroyed by the consumer, as soon as it is out.
template <unsigned Producers, unsigned Each, consumer Kind, unsigned Claimers = 0>
struct mailbox : rl::test_suite<mailbox<Producers, Each, Kind, Claimers>, Producers + Claimers> {
  mpsc_queue queue;
  std::array<std::array<std::optional<message>, Each>, Producers> messages;
  std::array<plain<unsigned>, Producers> arrived;  // the consumer's
  plain<unsigned> last_consumer;

  void thread(unsigned me) {
    if (me >= Producers) {
      if (queue.try_claim()) consume(me);
      return;
    }
    for (unsigned i = 0; i < Each; ++i) {
      message& m = messages[me][i].emplace();
      m.producer = me;
      m.number = i;
      if (queue.push(m)) consume(me);
    }
  }

  void consume(unsigned me) {
    if (last_consumer != me) ++hand_overs;
    last_consumer = me;
    if (Kind == consumer::goes_idle_with_the_last) {
      while (serve_front()) {
      }
    } else {
      while (!rest_if_empty()) {
      }
    }
  }

  // False: the queue is idle, and the caller no longer its consumer.
  bool serve_front() {
    queue_node* const front = queue.front();
    if (front == nullptr) return !queue.try_idle() && pause();
    read(*front);
    unlinked what = queue.unlink_front_or_idle();
    while (what == unlinked::stalled && pause()) what = queue.unlink_front_or_idle();
    destroy(*front);
    return what == unlinked::more;
  }

  bool rest_if_empty() {
    while (queue_node* const front = queue.front()) {
      while (queue.unlink_front() == unlinked::stalled) pause();
      read(*front);
      destroy(*front);
    }
    return queue.try_idle() || !pause();
  }

  bool pause() {
    ++stalls;
    detail::spin_pause();
    return true;
  }

  void read(const queue_node& node) {
    const auto& m = static_cast<const message&>(node);
    const unsigned from = m.producer;
    require(m.number == arrived[from], "out of order, lost or twice");
    arrived[from] = arrived[from] + 1;
  }

  void destroy(queue_node& node) {
    for (auto& row : messages) {
      for (auto& each : row) {
        if (each && &*each == &node) each.reset();
      }
    }
  }

  void after() {
    for (const auto& count : arrived) require(count == Each, "left behind");
    require(queue.is_idle() && queue.front() == nullptr, "not idle at the end");
  }
};

constexpr auto at_once = consumer::goes_idle_with_the_last;
constexpr auto later = consumer::looks_again;

template <class Model, template <rl::thread_id_t> class Scheduler>
void expect_to_hold(search<Scheduler> how) {
  stalls = hand_overs = 0;
  EXPECT_TRUE(holds<Model>(how));
  EXPECT_GT(stalls, 0U);
  EXPECT_GT(hand_overs, 0U);
}

TEST(MpscQueueModel, KeepsEveryMessageOfTwoProducersInOrderForOneConsumerAtATime) {
  expect_to_hold<mailbox<2, 2, at_once>>(up_to_switches(4));
  expect_to_hold<mailbox<2, 2, later>>(up_to_switches(4));
}
TEST(MpscQueueModel, KeepsEveryMessageOfThreeProducersInOrderForOneConsumerAtATime) {
  expect_to_hold<mailbox<3, 1, at_once>>(at_least_up_to_switches(3));
  expect_to_hold<mailbox<3, 1, later>>(at_least_up_to_switches(3));
}
TEST(MpscQueueModel, KeepsEveryMessageInManyLongRandomSchedules) {
  expect_to_hold<mailbox<3, 3, at_once>>(random_schedules(20'000));
  expect_to_hold<mailbox<3, 3, later>>(random_schedules(20'000));
}
TEST(MpscQueueModel, GivesAnIdleConsumerToOneClaimerOrOnePusher) {
  expect_to_hold<mailbox<1, 2, at_once, 1>>(up_to_switches(4));
  expect_to_hold<mailbox<1, 1, later, 2>>(up_to_switches(4));
}

TEST(MpscQueueModel, NoticesWeakerOrders) {
  EXPECT_EQ(
      (unnoticed_weakenings<mailbox<2, 2, at_once>, mailbox<2, 2, later>,
                            mailbox<1, 1, at_once, 1>>("mpsc_queue.hpp", up_to_switches(3))),
      (texts{
          // The total order is for a second lane or an owner that parks: wake_up_model_test.cpp and
          // park_model_test.cpp notice these.
          "push: exchange_seq_cst as acq_rel",
          "try_claim: compare_exchange_seq_cst as acq_rel",
          "try_claim: load_seq_cst as acquire",
          "try_claim: load_seq_cst as relaxed",
          "try_idle: compare_exchange_seq_cst as acq_rel",
          "try_idle: compare_exchange_seq_cst as release",
          "unlink: compare_exchange_seq_cst as acq_rel",
          "unlink: compare_exchange_seq_cst as release",
          // What a push releases, the consumer acquires through the link; a claim brings nothing.
          "push: exchange_seq_cst as acquire",
          "try_claim: compare_exchange_seq_cst as acquire",
          // One that fails only says that it is worth looking at the links.
          "try_claim: compare_exchange_seq_cst, failing as relaxed",
          "try_idle: compare_exchange_seq_cst, failing as relaxed",
          "unlink: compare_exchange_seq_cst, failing as relaxed",
          // Behind an exchange that failed, which has acquired the same.
          "unlink: load_acquire #2 as relaxed",
      }));
}

}  // namespace
}  // namespace troupe::model

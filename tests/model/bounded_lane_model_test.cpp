// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// mailbox/detail/bounded_lane.hpp beside the queue whose idle bit says whether the receiver is
// idle, as actors/internal/bounded.cpp and activation.cpp use them: no message is lost or overtaken
// by one of the same sender, no sender waits for ever, and no two threads own the receiver.
#include <troupe/mailbox/detail/bounded_lane.hpp>

#include <model/weakening.hpp>

#include <array>
#include <cstdint>

namespace troupe::model {
namespace {

using detail::atomic;
using detail::bounded_lane;
using detail::envelope;
using detail::mpsc_queue;
using detail::plain;
using outcome = bounded_lane::outcome;

enum class fault {
  none,
  goes_idle_without_a_look_at_the_lane,
  claims_before_it_offers,
};

struct message : envelope {
  plain<unsigned> sender;
  plain<unsigned> number;
};

/// Blocks the thread of a sender.
struct sleeper : bounded_lane::waiter {
  sleeper() : waiter{&wake_up} {}
  static void wake_up(waiter& w) noexcept {
    auto& me = static_cast<sleeper&>(w);
    me.room.store_release(1);
    me.room.notify_one();
  }
  atomic<int> room{0};
};

/// How often a sender had to wait, over all schedules.
unsigned waits = 0;

/// Each sender has `Each` messages for a receiver whose mailbox holds one.
template <unsigned Senders, unsigned Each, overflow Policy, fault Fault = fault::none>
struct receiver : rl::test_suite<receiver<Senders, Each, Policy, Fault>, Senders> {
  mpsc_queue mailbox;
  bounded_lane lane;
  std::array<std::array<message, Each>, Senders> messages;
  std::array<std::array<sleeper, Each>, Senders> sleepers;  // apart: each is woken once
  std::array<std::array<bool, Each>, Senders> dropped{};
  // The owner's.
  std::array<plain<unsigned>, Senders> next;

  void before() { lane.configure({1, Policy}, 0); }

  void thread(unsigned me) {
    for (unsigned i = 0; i < Each; ++i) {
      message& m = messages[me][i];
      m.sender = me;
      m.number = i;
      post(m, sleepers[me][i]);
    }
  }

  /// post_bounded().
  void post(message& m, sleeper& s) {
    const bool claimed = Fault == fault::claims_before_it_offers && mailbox.try_claim();
    envelope* oldest = nullptr;
    while (is_full(lane.offer(m, oldest))) {
      if (Policy == overflow::suspend) {
        wait_for_room(s);
      } else {
        drop(m);
        return;
      }
    }
    if (claimed || (Fault != fault::claims_before_it_offers && mailbox.try_claim())) run();
    if (oldest != nullptr) drop(static_cast<const message&>(*oldest));
  }
  static bool is_full(outcome o) {
    return o == outcome::full_suspend || o == outcome::full_drop || o == outcome::full_fail;
  }
  void wait_for_room(sleeper& s) {
    s.room.store_relaxed(0);  // ours: it is not enlisted
    if (!lane.enlist(s, 0)) return;
    ++waits;
    s.room.wait_acquire(0);
  }
  void drop(const message& m) { dropped[m.sender][m.number] = true; }

  /// activation.cpp: serve_one() and give_up_ownership().
  void run() {
    for (;;) {
      if (envelope* const e = lane.pop()) {
        take(static_cast<const message&>(*e));
      } else if (!mailbox.try_idle()) {
        detail::spin_pause();
      } else if (Fault == fault::goes_idle_without_a_look_at_the_lane || !lane.has_messages() ||
                 !mailbox.try_claim()) {
        return;
      }
    }
  }
  void take(const message& m) {
    const unsigned from = m.sender;
    require(m.number >= next[from], "overtaken or twice");
    for (unsigned i = next[from]; i < m.number; ++i) require(dropped[from][i], "lost");
    next[from] = m.number + 1;
  }

  void after() {
    require(mailbox.is_idle() && lane.pop() == nullptr, "left behind");
    for (unsigned me = 0; me < Senders; ++me) {
      for (unsigned i = next[me]; i < Each; ++i) require(dropped[me][i], "lost");
    }
  }
};

TEST(BoundedLaneModel, LosesNothingWhileSendersWaitForRoom) {
  waits = 0;
  EXPECT_TRUE((holds<receiver<2, 2, overflow::suspend>>(up_to_switches(3))));
  EXPECT_TRUE((holds<receiver<3, 2, overflow::suspend>>(random_schedules(20'000))));
  EXPECT_GT(waits, 0U);
}
TEST(BoundedLaneModel, DropsTheNewestAndNothingElse) {
  EXPECT_TRUE((holds<receiver<2, 2, overflow::drop_newest>>(up_to_switches(3))));
}
TEST(BoundedLaneModel, NoticesAWrongProtocol) {
  EXPECT_TRUE(
      (fails<receiver<2, 2, overflow::suspend, fault::goes_idle_without_a_look_at_the_lane>>(
          up_to_switches(3))));
  EXPECT_TRUE((
      fails<receiver<2, 2, overflow::suspend, fault::claims_before_it_offers>>(up_to_switches(3))));
}
TEST(BoundedLaneModel, NoticesWeakerOrders) {
  using model = receiver<2, 2, overflow::suspend>;
  texts unnoticed;
  unnoticed.merge(unnoticed_weakenings<model>("bounded_lane.hpp", up_to_switches(2)));
  unnoticed.merge(unnoticed_weakenings<model>("bounded_lane.cpp", up_to_switches(2)));
  unnoticed.merge(unnoticed_weakenings<model>("spin_lock.hpp", up_to_switches(2)));
  EXPECT_EQ(unnoticed, texts{});
}

}  // namespace
}  // namespace troupe::model

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::scaled;

struct number {
  int value;
};
struct open_gate {};

/// Receives nothing until the gate is opened, then collects every number it gets.
any_ref spawn_gated(system& sys, mailbox_options mailbox, std::vector<int>& got,
                    std::atomic<std::size_t>& count) {
  return sys.spawn(spawn_options{.name = "gated", .mailbox = mailbox},
                   [&got, &count](context& self) {
                     self.receive([](open_gate) {});
                     for (;;) {
                       self.receive([&](number n) {
                         got.push_back(n.value);
                         ++count;
                       });
                     }
                   });
}

struct gated {
  explicit gated(mailbox_options mailbox, system_options options = {.workers = 2})
      : sys(std::move(options)), actor(spawn_gated(sys, mailbox, got, count)) {
    // The body waits for the gate: from now on all that is sent stays in the mailbox or the stash.
  }
  system sys;
  std::vector<int> got;
  std::atomic<std::size_t> count{0};
  any_ref actor;
};

enum : int { let_go, asked_to_hold, holding };

/// Handles one message at a time, and holds the first until it is let go.
struct slow : actor<void(number)> {
  slow(std::atomic<int>& hold, std::vector<int>& got, std::atomic<std::size_t>& count)
      : hold_(&hold), got_(&got), count_(&count) {}
  void on(number n) {
    int asked = asked_to_hold;
    hold_->compare_exchange_strong(asked, holding);
    while (hold_->load() != let_go) self().sleep_for(1ms);
    got_->push_back(n.value);
    ++*count_;
  }
  std::atomic<int>* hold_;
  std::vector<int>* got_;
  std::atomic<std::size_t>* count_;
};

struct slow_setup {
  explicit slow_setup(mailbox_options mailbox) {
    actor = sys.spawn<slow>(spawn_options{.mailbox = mailbox}, hold, got, count);
    actor.send(number{0});
    EXPECT_TRUE(eventually([this] { return hold == holding; }));  // 0 has left the lane
  }
  std::atomic<std::uint64_t> dead{0};
  std::atomic<int> hold{asked_to_hold};
  std::vector<int> got;
  std::atomic<std::size_t> count{0};
  system sys{{.workers = 2, .on_dead_letter = [this](const dead_letter& d) {
                if (d.why == dead_letter::cause::mailbox_full) ++dead;
              }}};
  ref_of<slow> actor;
};

/// Sends numbers from 1 until the mailbox refuses; how many were let in.
int fill(const ref_of<slow>& actor) {
  for (int i = 1;; ++i) {
    try {
      actor.send(number{i});
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.code(), errc::mailbox_full);
      return i - 1;
    }
  }
}

TEST(BoundedMailbox, FailTellsTheSenderAndLosesNothingThatWasAccepted) {
  slow_setup s({.capacity = 4});
  const int accepted = fill(s.actor);
  EXPECT_EQ(accepted, 4);
  s.hold = let_go;
  ASSERT_TRUE(eventually([&] { return s.count == static_cast<std::size_t>(accepted) + 1; }));
  for (int i = 0; i <= accepted; ++i) EXPECT_EQ(s.got[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(s.dead, 0U);
}

TEST(BoundedMailbox, DropNewestKeepsTheFirstMessages) {
  slow_setup s({.capacity = 4, .when_full = overflow::drop_newest});
  for (int i = 1; i <= 20; ++i) s.actor.send(number{i});
  s.hold = let_go;
  ASSERT_TRUE(eventually([&] { return s.count + s.dead == 21; }));
  EXPECT_EQ(s.dead, 16U);
  for (std::size_t i = 0; i < s.got.size(); ++i) EXPECT_EQ(s.got[i], static_cast<int>(i));
}

TEST(BoundedMailbox, DropOldestKeepsTheLastMessages) {
  slow_setup s({.capacity = 4, .when_full = overflow::drop_oldest});
  for (int i = 1; i <= 20; ++i) s.actor.send(number{i});
  s.hold = let_go;
  ASSERT_TRUE(eventually([&] { return s.count + s.dead == 21; }));
  EXPECT_EQ(s.dead, 16U);
  EXPECT_EQ(s.got.back(), 20);
  EXPECT_EQ(s.got[s.got.size() - 4], 17);
}

TEST(BoundedMailbox, SuspendLetsBehaviorsAndThreadsWaitWithoutLossOrReordering) {
  for (const std::size_t capacity : {1U, 3U, 64U}) {
    std::vector<std::vector<int>> got(4);
    std::atomic<std::size_t> count{0};
    const int each = static_cast<int>(scaled(5'000));
    system sys({.workers = 2});
    struct item {
      std::size_t from;
      int value;
    };
    const any_ref sink =
        sys.spawn(spawn_options{.mailbox = {.capacity = capacity, .when_full = overflow::suspend}},
                  [&](context& self) {
                    for (;;) {
                      self.receive([&](item i) {
                        got[i.from].push_back(i.value);
                        ++count;
                      });
                    }
                  });
    for (std::size_t p = 0; p < 2; ++p) {
      sys.spawn([=](context&) {
        for (int i = 0; i < each; ++i) sink.send(item{p, i});
      });
    }
    {
      std::vector<std::jthread> threads;
      for (std::size_t p = 2; p < 4; ++p) {
        threads.emplace_back([=] {
          for (int i = 0; i < each; ++i) sink.send(item{p, i});
        });
      }
    }
    ASSERT_TRUE(eventually([&] { return count == 4 * static_cast<std::size_t>(each); }));
    for (const auto& sequence : got) {
      ASSERT_EQ(sequence.size(), static_cast<std::size_t>(each));
      for (int i = 0; i < each; ++i) ASSERT_EQ(sequence[static_cast<std::size_t>(i)], i);
    }
    EXPECT_EQ(sys.dead_letter_count(), 0U);
  }
}

TEST(BoundedMailbox, ASuspendedSenderDoesNotHoldUpItsWorker) {
  std::atomic<int> hold{asked_to_hold};
  std::vector<int> got;
  std::atomic<std::size_t> count{0};
  system sys({.workers = 1});
  const auto sink = sys.spawn<slow>(
      spawn_options{.mailbox = {.capacity = 1, .when_full = overflow::suspend}}, hold, got, count);
  const any_ref sender = sys.spawn([sink](context&) {
    for (int i = 0; i < 10; ++i) sink.send(number{i});
  });
  // Another actor on the only worker answers while the sender waits.
  struct ping {};
  const auto other = sys.spawn<int(ping)>([](context& self) {
    for (;;) self.receive([](ping) { return 7; });
  });
  EXPECT_EQ(sys.ask(other, ping{}), 7);
  EXPECT_TRUE(sender.alive());
  hold = let_go;
  EXPECT_TRUE(eventually([&] { return count == 10 && !sender.alive(); }));
}

TEST(BoundedMailbox, WaitingSendersAreFreedWhenTheReceiverOrTheSenderEnds) {
  for (std::size_t round = 0; round < scaled(200); ++round) {
    system sys({.workers = 2});
    std::atomic<int> hold{asked_to_hold};
    std::vector<int> got;
    std::atomic<std::size_t> count{0};
    const auto sink =
        sys.spawn<slow>(spawn_options{.mailbox = {.capacity = 1, .when_full = overflow::suspend}},
                        hold, got, count);
    std::vector<any_ref> senders;
    for (int s = 0; s < 6; ++s) {
      senders.push_back(sys.spawn([sink](context&) {
        for (int i = 0; i < 50; ++i) sink.send(number{i});
      }));
    }
    for (std::size_t s = 0; s < 3; ++s) senders[s].kill();
    if (round % 2 == 0) hold = let_go;
    sink.kill();
    hold = let_go;
    sys.await_actors();  // hangs when a waiter is forgotten
    EXPECT_EQ(sys.actor_count(), 0U);
  }
}

TEST(BoundedMailbox, AskOfAFullMailboxReportsIt) {
  slow_setup s({.capacity = 2, .when_full = overflow::drop_newest});
  for (int i = 1; i <= 10; ++i) s.actor.send(number{i});
  std::error_code error;
  s.sys.ask(s.actor, number{99}, 60s, error);
  EXPECT_EQ(error, errc::mailbox_full);
  s.hold = let_go;
}

TEST(BoundedMailbox, ControlMessagesPassAFullMailbox) {
  gated g({.capacity = 2, .when_full = overflow::drop_newest});
  for (int i = 0; i < 10; ++i) g.actor.send(number{i});
  g.actor.kill();
  g.sys.await_actors();
  EXPECT_FALSE(g.actor.alive());
}

TEST(BoundedMailbox, CountsWhatASelectiveReceiveHasPassedOver) {
  gated g({.capacity = 10});
  int accepted = 0;
  for (int refused = 0; refused < 1'000;) {
    try {
      g.actor.send(number{accepted});
      ++accepted;
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.code(), errc::mailbox_full);
      ++refused;
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(accepted, 10);
  g.actor.kill();
}

TEST(BoundedMailbox, DropOldestDropsWhatASelectiveReceiveHasPassedOver) {
  gated g({.capacity = 10, .when_full = overflow::drop_oldest});
  const int many = static_cast<int>(scaled(10'000));
  for (int i = 1; i <= many; ++i) g.actor.send(number{i});
  g.actor.send(open_gate{});
  const auto accounted_for = [&] { return g.count + g.sys.dead_letter_count(); };
  ASSERT_TRUE(eventually([&] { return accounted_for() == static_cast<std::size_t>(many); }));
  EXPECT_LE(g.count, 10U);
  ASSERT_FALSE(g.got.empty());
  EXPECT_EQ(g.got.back(), many);
  for (std::size_t i = 1; i < g.got.size(); ++i) EXPECT_GT(g.got[i], g.got[i - 1]);
}

TEST(BoundedMailbox, DropOldestDoesSoAlsoWhereConditionsThrow) {
  system sys({.workers = 1});
  constexpr int capacity = 3;
  std::atomic<int> left{0};
  std::atomic<bool> enough{false};
  sys.spawn([&](context& self) {
    const any_ref keeper = self.spawn(
        spawn_options{.mailbox = {.capacity = capacity, .when_full = overflow::drop_oldest}},
        [&](context& inner) {
          const auto throws = when([](number) -> bool { throw 1; }, [](number) {});
          for (int i = 0; i < 50; ++i) {
            inner.receive([](open_gate) {}, after(1ms));
            EXPECT_THROW(inner.receive(throws), int);
          }
          enough = true;
          inner.receive([](open_gate) {}, after(20ms));
          while (inner.receive([&](number) { ++left; }, after(0ms))) {
          }
        });
    for (int i = 0; !enough; ++i) {
      keeper.send(number{i});
      if (i % 2 == 0) self.sleep_for(100us);
    }
  });
  sys.await_actors();
  EXPECT_GE(left, 1);
  EXPECT_LE(left, 2 * capacity + 1);  // one may still be on its way
}

TEST(BoundedMailbox, SuspendWaitsWhileASelectiveReceiveHasPassedOverAllThereIsRoomFor) {
  system sys({.workers = 2});
  std::atomic<int> sent{0};
  std::atomic<bool> go_on{false};
  std::vector<int> got;
  constexpr int all = 100;
  const any_ref slow =
      sys.spawn(spawn_options{.mailbox = {.capacity = 10, .when_full = overflow::suspend}},
                [&](context& self) {
                  while (!go_on) self.receive([](open_gate) {}, after(1ms));
                  while (got.size() < all) self.receive([&](number n) { got.push_back(n.value); });
                });
  sys.spawn([&](context&) {
    for (; sent < all; ++sent) slow.send(number{sent});
  });
  EXPECT_TRUE(eventually([&] { return sent == 10; }));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(sent, 10);
    std::this_thread::yield();
  }
  go_on = true;
  sys.await_actors();
  ASSERT_EQ(got.size(), std::size_t{all});
  for (int i = 0; i < all; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], i);
}

TEST(BoundedMailbox, RefusesAPolicyThatIsNone) {
  system sys({.workers = 1});
  const mailbox_options wrong{.capacity = 1, .when_full = static_cast<overflow>(77)};
  try {
    sys.spawn(spawn_options{.mailbox = wrong}, [](context&) {});
    ADD_FAILURE() << "it is taken";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("when_full = 77"), std::string::npos) << e.what();
  }
}

TEST(BoundedMailbox, TheNextLifeOfASlotIsUnboundedAgain) {
  system sys({.workers = 1});
  struct total {};
  for (int round = 0; round < 50; ++round) {
    const any_ref bounded = sys.spawn(spawn_options{.mailbox = {.capacity = 1}}, [](context&) {});
    ASSERT_TRUE(eventually([&] { return !bounded.alive(); }));
    const auto unbounded = sys.spawn<void(number), int(total)>([](context& self) {
      int n = 0;
      for (;;) self.receive([&](number) { ++n; }, [&](total) { return n; });
    });
    for (int i = 0; i < 100; ++i) unbounded.send(number{i});
    EXPECT_EQ(sys.ask(unbounded, total{}), 100);
    static_cast<any_ref>(unbounded).kill();
    ASSERT_TRUE(eventually([&] { return !unbounded.alive(); }));
  }
}

}  // namespace
}  // namespace troupe

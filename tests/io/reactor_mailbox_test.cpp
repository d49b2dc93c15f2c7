// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// A reactor by itself, which this thread runs.

#include <troupe/base/section.hpp>
#include <troupe/io/internal/reactor.hpp>

#include <io/descriptors.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace troupe::io::detail {
namespace {

using troupe::detail::envelope;
using troupe::detail::never_ns;
using troupe::detail::section;

/// Somebody who only collects what comes.
class collector {
 public:
  collector() { static_cast<void>(task_.mailbox.try_claim()); }  // runs for ever
  ~collector() { take(); }
  io::receiver ref() { return {&task_, 0}; }
  /// As an actor's end does.
  void end() {
    task_.generation.store_seq_cst(1);
    reactor_mailbox::tell_of_end(task_, 0);
  }
  /// Between the two, an actor's destructor runs.
  void begin_to_end() { task_.generation.store_seq_cst(1); }
  std::vector<socket_ready> take() {
    std::vector<socket_ready> taken;
    auto* e = static_cast<envelope*>(task_.control.take_all());
    while (e != nullptr) {
      auto* const next = static_cast<envelope*>(e->next.load_relaxed());
      if (e->type == &troupe::detail::message_type_of<socket_ready>)
        taken.push_back(e->as<socket_ready>());
      troupe::detail::release_envelope(*e);
      e = next;
    }
    return taken;
  }

 private:
  troupe::detail::task task_;
};

class ReactorMailbox : public testing::Test {
 protected:
  std::size_t poll(std::size_t budget) {
    const section guard;
    return r.poll(budget);
  }
  socket_id watch_ready() {
    test::descriptor event = test::make_eventfd(1);
    return test::watch(r.ref(), event, interest::readable, owner.ref());
  }
  socket_id watch_unready() {
    test::descriptor event = test::make_eventfd(0);
    return test::watch(r.ref(), event, interest::readable, owner.ref());
  }
  collector owner;  // the reactor tells it of its end
  reactor r;
};

TEST_F(ReactorMailbox, HandlesNoMoreEventsThanItsBudget) {
  for (int i = 0; i < 40; ++i) watch_ready();
  EXPECT_TRUE(r.has_interest());
  EXPECT_TRUE(r.is_ready());
  poll(1);
  EXPECT_EQ(r.ref().statistics().sockets, 40U);
  owner.take();
  EXPECT_EQ(poll(16), 16U);
  EXPECT_EQ(owner.take().size(), 16U);
  EXPECT_EQ(poll(5), 5U);
  EXPECT_EQ(owner.take().size(), 5U);
  while (poll(16) != 0) {
  }
  owner.take();
  EXPECT_FALSE(r.is_ready());
}

TEST_F(ReactorMailbox, AWaitHandlesNoMoreEventsThanItsBudget) {
  for (int i = 0; i < 40; ++i) watch_ready();
  poll(1);
  owner.take();
  {
    const section guard;
    // That it is awake is told before.
    EXPECT_EQ(r.wait_until(never_ns, 16, [this] { EXPECT_TRUE(owner.take().empty()); }), 16U);
  }
  EXPECT_EQ(owner.take().size(), 16U);
}

TEST_F(ReactorMailbox, IsReadyUntilAllOfAnOwnerThatHasEndedIsClosed) {
  for (int i = 0; i < 200; ++i) watch_unready();
  while (r.ref().statistics().sockets < 200) poll(1);
  EXPECT_FALSE(r.is_ready());
  owner.end();
  while (r.ref().statistics().sockets != 0) {
    ASSERT_TRUE(r.is_ready());
    ASSERT_TRUE(r.has_interest());
    poll(1);
  }
  while (r.is_ready()) poll(1);
  EXPECT_EQ(r.ref().statistics().orphans, 200U);
  EXPECT_EQ(r.ref().statistics().requests, 200U);
  EXPECT_FALSE(r.has_interest());
}

TEST_F(ReactorMailbox, ClosesNothingOfAnOwnerWhoseEndHasNotBeenTold) {
  watch_ready();  // reported to an owner that is ending
  poll(1);        // which only registers it: it looks for events first
  watch_unready();
  owner.begin_to_end();
  watch_unready();
  for (int i = 0; i < 3; ++i) poll(16);
  EXPECT_EQ(r.ref().statistics().sockets, 3U);
  EXPECT_EQ(owner.take().size(), 0U);
  owner.end();
  for (int i = 0; i < 3; ++i) poll(16);
  EXPECT_EQ(r.ref().statistics().sockets, 0U);
  EXPECT_EQ(r.ref().statistics().orphans, 3U);
  watch_unready();  // too late
  poll(16);
  EXPECT_EQ(r.ref().statistics().sockets, 0U);
  EXPECT_EQ(r.ref().statistics().orphans, 4U);
}

TEST_F(ReactorMailbox, HandlesMoreEventsThanFitIntoOneWaitWhereTheBudgetAllows) {
  for (int i = 0; i < 150; ++i) watch_ready();
  while (r.ref().statistics().requests < 150) poll(1);
  owner.take();
  const std::size_t reported = poll(140);
  EXPECT_EQ(reported, 140U);
  EXPECT_EQ(owner.take().size(), reported);
}

TEST_F(ReactorMailbox, HandlesABoundedNumberOfRequestsALook) {
  const auto id = watch_ready();
  for (int i = 0; i < 1000; ++i) r.ref().send(modify_socket{id, interest::none});
  std::uint64_t before = 0;
  while (before < 1001) {
    poll(16);
    const std::uint64_t requests = r.ref().statistics().requests;
    ASSERT_GT(requests, before);
    ASSERT_LE(requests - before, 64U);
    before = requests;
  }
}

TEST_F(ReactorMailbox, ARequestEndsItsSleep) {
  for (int i = 0; i < 200; ++i) {
    std::thread sender([&] { watch_ready(); });
    const auto registered = static_cast<std::size_t>(i) + 1;
    while (r.ref().statistics().sockets < registered) {
      const section guard;
      r.wait_until(never_ns, 16, [] {});
    }
    sender.join();
  }
}

}  // namespace
}  // namespace troupe::io::detail

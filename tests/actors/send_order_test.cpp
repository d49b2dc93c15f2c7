// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::random_choices;
using test::scaled;

struct get {};

struct numbered {
  std::size_t sender;
  std::uint64_t number;
};
struct expect_total {
  std::uint64_t n;
};

/// Checks that each sender's numbers come in order, each once.
class order_check {
 public:
  explicit order_check(std::size_t senders) : next_(senders) {}
  void see(const numbered& m) {
    if (next_[m.sender]++ != m.number) ++mistakes_;
    ++seen_;
  }
  std::uint64_t seen() const { return seen_; }
  std::uint64_t mistakes() const { return mistakes_; }

 private:
  std::vector<std::uint64_t> next_;
  std::uint64_t seen_ = 0;
  std::uint64_t mistakes_ = 0;
};

struct report {
  std::uint64_t seen;
  std::uint64_t mistakes;
};

struct handler_receiver : actor<void(numbered), report(get)> {
  explicit handler_receiver(std::size_t senders) : check(senders) {}
  void on(const numbered& m) { check.see(m); }
  report on(get) const { return {check.seen(), check.mistakes()}; }
  order_check check;
};

/// Now and then waits in the middle of a handler, for a message or for time.
struct waiting_receiver : actor<void(numbered), report(get)> {
  explicit waiting_receiver(std::size_t senders) : check(senders), random(1000) {}
  void on(const numbered& m) {
    check.see(m);
    if (random.one_in(50)) {
      // Takes the oldest of one sender, out of the middle of the others.
      const std::size_t wanted = random.up_to(1);
      self().receive(when([&](const numbered& n) { return n.sender == wanted; },
                          [&](const numbered& n) { check.see(n); }),
                     after(std::chrono::nanoseconds(0)));
    } else if (random.one_in(200)) {
      self().sleep_for(std::chrono::microseconds(10));
    } else if (random.one_in(20)) {
      self().yield();
    }
  }
  report on(get) const { return {check.seen(), check.mistakes()}; }
  order_check check;
  random_choices random;
};

void direct_receiver(context& self, std::size_t senders) {
  order_check check(senders);
  random_choices random(2000);
  for (;;) {
    const std::size_t wanted = random.up_to(senders - 1);
    if (random.one_in(3)) {
      self.receive(when([&](const numbered& n) { return n.sender == wanted; },
                        [&](const numbered& n) { check.see(n); }),
                   after(std::chrono::nanoseconds(0)));
    }
    self.receive([&](const numbered& n) { check.see(n); },
                 [&](get) {
                   return report{check.seen(), check.mistakes()};
                 });
  }
}

/// Half of the senders are actors, half are threads; all stutter at random.
void check_order(system& sys, const actor_ref<void(numbered), report(get)>& to, std::size_t senders,
                 std::uint64_t each) {
  const auto send_all = [to, each](std::size_t sender, auto&& pause) {
    random_choices random(sender);
    for (std::uint64_t i = 0; i < each; ++i) {
      to.send(numbered{sender, i});
      if (random.one_in(100)) pause();
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t s = 0; s < senders; ++s) {
    if (s % 2 == 0) {
      threads.emplace_back([=] { send_all(s, [] { std::this_thread::yield(); }); });
    } else {
      sys.spawn([=](context& self) { send_all(s, [&] { self.yield(); }); });
    }
  }
  threads.clear();
  EXPECT_TRUE(eventually([&] { return sys.ask(to, get{}).seen == senders * each; }));
  EXPECT_EQ(sys.ask(to, get{}).mistakes, 0U) << test::seed_message();
}

class SendOrder : public testing::TestWithParam<std::size_t> {};

TEST_P(SendOrder, IsKeptForEachSenderByHandlers) {
  system sys({.workers = GetParam()});
  check_order(sys, sys.spawn<handler_receiver>(6U), 6, scaled(5000));
}

TEST_P(SendOrder, IsKeptForEachSenderByHandlersThatWait) {
  system sys({.workers = GetParam()});
  check_order(sys, sys.spawn<waiting_receiver>(6U), 6, scaled(3000));
}

TEST_P(SendOrder, IsKeptForEachSenderBySelectiveReceive) {
  system sys({.workers = GetParam()});
  check_order(sys, sys.spawn<void(numbered), report(get)>(direct_receiver, std::size_t{6}), 6,
              scaled(2000));
}

TEST_P(SendOrder, IsKeptWithOneMessagePerActivation) {
  system sys({.workers = GetParam(), .messages_per_activation = 1});
  check_order(sys, sys.spawn<handler_receiver>(6U), 6, scaled(3000));
}

INSTANTIATE_TEST_SUITE_P(Workers, SendOrder, testing::Values(1, 2, 4),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace troupe

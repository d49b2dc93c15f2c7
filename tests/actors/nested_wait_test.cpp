// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// User code that the runtime calls in the middle of a wait must not wait itself.
#include <troupe/troupe.hpp>

#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;

struct go {};
struct get {};

struct answers : actor<int(get)> {
  int on(get) { return 1; }
};

/// Whether the call is refused with std::logic_error.
template <class Call>
bool refused(Call call) {
  try {
    call();
  } catch (const std::logic_error&) {
    return true;
  }
  return false;
}

TEST(NestedWait, InAConditionOfReceiveIsALogicErrorAndLosesNothing) {
  system sys({.on_failure = [](const failure& f) { ADD_FAILURE() << f.what; }});
  sys.spawn([](context& self) {
    const auto other = self.spawn<answers>();
    counter done;
    std::atomic<bool> ending{false};
    run(
        [&] {
          while (!ending) troupe::sleep_for(1ms);
        },
        done);
    int calls = 0;
    bool accept = false;
    const auto waits_in_every_way = [&](get) {
      ++calls;
      EXPECT_TRUE(refused([&] { self.sleep_for(1ms); }));
      EXPECT_TRUE(refused([&] { self.receive([](go) {}, after(1ms)); }));
      EXPECT_TRUE(refused([&] { self.ask(other, get{}); }));
      EXPECT_TRUE(refused([&] { done.wait(); }));
      EXPECT_TRUE(refused([&] { parallel_for(0, 8, [](int) { ADD_FAILURE() << "it runs"; }); }));
      return accept;
    };
    self.ref().send(get{});
    // The outer wait goes on: to its time-out, ...
    EXPECT_FALSE(self.receive(when(waits_in_every_way, [](get) {}), after(2ms)));
    self.ref().send(get{});
    self.ref().send(go{});
    // ... to another message, and to the one that the condition accepts in the end.
    EXPECT_TRUE(self.receive(when(waits_in_every_way, [](get) {}), [](go) {}));
    accept = true;
    EXPECT_TRUE(self.receive(when(waits_in_every_way, [](get) {})));
    EXPECT_EQ(calls, 4);
    EXPECT_TRUE(self.receive([](get) {}, after(0ns))) << "the other one is still there";
    ending = true;
    done.wait();
    EXPECT_EQ(self.ask(other, get{}), 1);
    other.kill();
  });
  sys.await_actors();
}

TEST(NestedWait, AConditionThatWaitsMakesReceiveThrow) {
  system sys;
  sys.spawn([](context& self) {
    self.ref().send(get{});
    const auto waits = when(
        [&](get) {
          self.sleep_for(1ms);
          return true;
        },
        [](get) {});
    EXPECT_THROW(self.receive(waits), std::logic_error);
    EXPECT_TRUE(self.receive([](get) {}, after(0ns))) << "the message is still there";
  });
  sys.await_actors();
}

/// An actor asks another one, whose answer comes only after what an earlier request's late answer
/// does to the asker has set `disturbed`. Both end by themselves.
template <class Answer, class MakeAnswer>
void disturb_an_ask(system& sys, std::atomic<int>& disturbed, MakeAnswer make) {
  std::atomic<int> got{0};
  const auto late = sys.spawn<Answer(get)>([make](context& self) {
    self.receive([&](get) {
      self.receive([](go) {});
      return make();
    });
  });
  const auto quick = sys.spawn<int(get)>([late, &disturbed](context& self) {
    self.receive([&](get) {
      any_ref(late).send(go{});
      EXPECT_TRUE(eventually([&] {
        self.sleep_for(100us);
        return disturbed != 0;
      }));
      return 2;
    });
  });
  const any_ref asker = sys.spawn([&, late, quick](context& self) {
    std::error_code error;
    self.ask(late, get{}, 1ms, error);
    EXPECT_EQ(error, errc::timeout);
    got = self.ask(quick, get{});
  });
  EXPECT_TRUE(eventually([&] { return !asker.alive(); }));
  EXPECT_EQ(got, 2);
  EXPECT_EQ(disturbed, 1);
}

TEST(NestedWait, InOnDeadLetterIsDroppedAndTheOuterWaitGetsItsAnswer) {
  any_ref full;
  std::atomic<int> disturbed{0};
  system sys({.workers = 2, .on_dead_letter = [&](const dead_letter& d) {
                if (d.why != dead_letter::cause::late_answer) return;
                try {
                  full.send(go{});
                } catch (const std::logic_error&) {
                  ++disturbed;
                  throw;
                }
              }});
  full = sys.spawn(spawn_options{.mailbox = {.capacity = 1, .when_full = overflow::suspend}},
                   [](context& self) { self.sleep_for(1h); });
  full.send(go{});
  disturb_an_ask<int>(sys, disturbed, [] { return 1; });
  full.kill();
  sys.await_actors();
}

TEST(NestedWait, InAMessagesDestructorIsALogicErrorAndTheOuterWaitGetsItsAnswer) {
  struct waits_when_destroyed {
    explicit waits_when_destroyed(std::atomic<int>& d) : disturbed(&d) {}
    ~waits_when_destroyed() {
      *disturbed += refused([] { troupe::sleep_for(1ms); });
    }
    std::atomic<int>* disturbed;
  };
  std::atomic<int> disturbed{0};
  system sys({.workers = 2});
  disturb_an_ask<std::unique_ptr<waits_when_destroyed>>(
      sys, disturbed, [&] { return std::make_unique<waits_when_destroyed>(disturbed); });
  sys.await_actors();
}

}  // namespace
}  // namespace troupe

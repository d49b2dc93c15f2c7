// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <actors/asking.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <system_error>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::as_actor;
using test::cell;
using test::error_of;
using test::eventually;
using test::get;
using test::mute;
using test::random_choices;
using test::scaled;
using test::set;

TEST(AskTimeout, IsReportedAndNeverComesEarly) {
  system sys;
  random_choices random(1);
  for (int i = 0; i < 30; ++i) {
    const auto m = sys.spawn<int(get)>(mute);
    const auto wait = std::chrono::microseconds(random.up_to(12'000));
    const auto begin = steady_clock::now();
    EXPECT_EQ(error_of([&] { sys.ask(m, get{}, wait); }), errc::timeout);
    EXPECT_GE(steady_clock::now() - begin, wait) << test::seed_message();
    as_actor(sys, [&](context& self) {
      const auto start = steady_clock::now();
      std::error_code error;
      EXPECT_EQ(self.ask(m, get{}, wait, error), std::nullopt);
      EXPECT_EQ(error, errc::timeout);
      EXPECT_TRUE(error == std::errc::timed_out);
      EXPECT_GE(steady_clock::now() - start, wait) << test::seed_message();
    });
    any_ref(m).kill();
  }
}

TEST(AskTimeout, OfZeroOrLessEndsTheWaitAllTheSame) {
  system sys;
  const auto m = sys.spawn<int(get)>(mute);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, 0ns); }), errc::timeout);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, -5s); }), errc::timeout);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, std::chrono::nanoseconds::min()); }), errc::timeout);
  any_ref(m).kill();
}

TEST(AskTimeout, ThatIsNotReachedCostsNothingLater) {
  system sys({.workers = 1});
  const auto c = sys.spawn<cell>();
  as_actor(sys, [c](context& self) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(self.ask(c, get{}, 3ms + 1s * (i % 2)), 0);
    // The time-outs of the asks above pass during these waits, and must not end them.
    for (int i = 0; i < 5; ++i) {
      const auto begin = steady_clock::now();
      self.sleep_for(4ms);
      EXPECT_GE(steady_clock::now() - begin, 4ms);
    }
    EXPECT_EQ(self.ask(c, get{}), 0);
  });
}

TEST(AskTimeout, MakesTheLateAnswerADeadLetter) {
  std::atomic<int> late{0};
  std::atomic<int> other{0};
  system sys({.on_dead_letter = [&](const dead_letter& d) {
    ++(d.why == dead_letter::cause::late_answer ? late : other);
  }});
  // Asked by an actor that goes on.
  as_actor(sys, [&](context& self) {
    const auto m = self.spawn<int(get)>(mute);
    EXPECT_EQ(error_of([&] { self.ask(m, get{}, 1ms); }), errc::timeout);
    any_ref(m).send(set{1});
    EXPECT_TRUE(eventually([&] {
      self.sleep_for(1ms);
      return late == 1;
    }));
  });
  // Asked by a thread.
  const auto m = sys.spawn<int(get)>(mute);
  EXPECT_EQ(error_of([&] { sys.ask(m, get{}, 1ms); }), errc::timeout);
  any_ref(m).send(set{1});
  EXPECT_TRUE(eventually([&] { return late == 2; }));
  sys.await_actors();
  EXPECT_EQ(other, 0);
  EXPECT_EQ(sys.dead_letter_count(), 2U);
}

TEST(AskTimeout, RacingWithTheAnswerGivesOneOfThem) {
  system sys({.workers = 2});
  random_choices random(3);
  std::uint64_t answered = 0;
  std::uint64_t timed_out = 0;
  const auto d = sys.spawn<int(set)>([](context& self) {
    for (;;) {
      self.receive([&](set s) {
        self.sleep_for(std::chrono::microseconds(s.n));
        return s.n;
      });
    }
  });
  as_actor(sys, [&](context& self) {
    for (std::size_t i = 0; i < scaled(300); ++i) {
      const int n = static_cast<int>(random.up_to(2000));
      std::error_code error;
      const auto answer = self.ask(d, set{n}, std::chrono::microseconds(random.up_to(2000)), error);
      if (answer) {
        EXPECT_EQ(answer, n) << "the answer to another request; " << test::seed_message();
        ++answered;
      } else {
        EXPECT_EQ(error, errc::timeout);
        ++timed_out;
      }
    }
    // Behind all late answers: each of them has been noticed, and none was lost.
    EXPECT_EQ(self.ask(d, set{0}), 0);
    EXPECT_EQ(sys.dead_letter_count(), timed_out) << test::seed_message();
  });
  EXPECT_GT(answered + timed_out, 0U);
}

}  // namespace
}  // namespace troupe

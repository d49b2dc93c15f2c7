// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Durations beyond what nanoseconds can tell are long, not over.
#include <troupe/troupe.hpp>

#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;

struct get {};

struct echo : actor<int(get)> {
  int on(get) { return 1; }
};

TEST(TimeSpan, SaturatesWhatNanosecondsCannotTell) {
  using std::chrono::nanoseconds;
  const auto of = [](time_span t) { return static_cast<nanoseconds>(t); };
  EXPECT_EQ(of(5us), 5000ns);
  EXPECT_EQ(of(-1h), nanoseconds(-1h));
  EXPECT_EQ(of(nanoseconds::max()), nanoseconds::max());
  EXPECT_EQ(of(std::chrono::hours::max()), nanoseconds::max());
  EXPECT_EQ(of(std::chrono::seconds::max()), nanoseconds::max());
  EXPECT_EQ(of(std::chrono::seconds::min()), nanoseconds::min());
  EXPECT_EQ(of(24h * 365 * 300), nanoseconds::max());
}

template <class Duration>
void wait_in_every_way(context& self, Duration forever, const ref_of<echo>& other,
                       std::atomic<int>& over) {
  EXPECT_EQ(self.ask(other, get{}, forever), 1);
  timer t = self.send_after(forever, self.ref(), get{});
  EXPECT_TRUE(t.cancel());
  self.spawn([&over, forever](context& inner) {
    inner.sleep_for(forever);
    ++over;
  });
  self.spawn([&over, forever](context&) {
    troupe::sleep_for(forever);
    ++over;
  });
  self.spawn([&over, forever](context& inner) {
    inner.receive([](get) {}, after(forever));
    ++over;
  });
}

TEST(TimeSpan, IsNotOverWhereItIsLongerThanNanosecondsGo) {
  system sys({.workers = 1});
  const auto other = sys.spawn<echo>();
  std::atomic<int> over{0};
  std::atomic<bool> begun{false};
  sys.spawn([&](context& self) {
    wait_in_every_way(self, std::chrono::hours::max(), other, over);
    wait_in_every_way(self, std::chrono::seconds::max(), other, over);
    wait_in_every_way(self, std::chrono::milliseconds::max(), other, over);
    wait_in_every_way(self, std::chrono::hours(24 * 365 * 300), other, over);
    self.sleep_for(20ms);
    begun = true;
  });
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  EXPECT_EQ(over, 0);
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 13U; }));
  EXPECT_EQ(sys.ask(other, get{}, std::chrono::hours::max()), 1);
  EXPECT_TRUE(sys.shutdown(std::chrono::seconds::max()).clean());
  EXPECT_EQ(over, 0);
}

}  // namespace
}  // namespace troupe

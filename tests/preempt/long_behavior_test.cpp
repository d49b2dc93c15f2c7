// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Warnings of behaviors that run for too long: who is reported, when, and with what.
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace long_behavior_test {

/// Its name must be found in stacks, so it must not be inlined, nor known to one file only.
[[gnu::noinline]] void compute_without_end(const std::function<bool()>& enough) {
  troupe::test::spin_until(enough);
}

}  // namespace long_behavior_test

namespace troupe {
namespace {

using namespace std::chrono_literals;
using long_behavior_test::compute_without_end;
using test::eventually;
using test::must_come;
using test::must_end;
using test::spin_for;

/// What the hook has been told.
class told {
 public:
  std::function<void(const long_behavior&)> hook() {
    return [this](const long_behavior& b) {
      const std::scoped_lock hold(mutex_);
      all_.push_back(b);
    };
  }
  std::vector<long_behavior> all() const {
    const std::scoped_lock hold(mutex_);
    return all_;
  }
  std::size_t count() const { return all().size(); }
  /// Those of a type whose name contains that.
  std::size_t count(const std::string& type) const {
    const auto reports = all();
    return static_cast<std::size_t>(std::count_if(
        reports.begin(), reports.end(),
        [&](const long_behavior& b) { return b.type.find(type) != std::string::npos; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<long_behavior> all_;
};

bool mentions(const std::vector<std::string>& stack, const std::string& text) {
  return std::any_of(stack.begin(), stack.end(), [&](const std::string& frame) {
    return frame.find(text) != std::string::npos;
  });
}

std::string lines(const std::vector<std::string>& stack) {
  std::string text;
  for (const std::string& frame : stack) text += "  " + frame + '\n';
  return text;
}

/// That the stack is the one of compute_without_end().
void expect_stack(const long_behavior& b) {
  ASSERT_FALSE(b.stack.empty());
  // ThreadSanitizer calls the handler later, with the registers of the signal: meanwhile the thread
  // may have left the innermost functions, and have overwritten what the walk needs.
  if (TROUPE_TSAN) return;
  EXPECT_TRUE(mentions(b.stack, "long_behavior_test::compute_without_end")) << lines(b.stack);
#ifndef __clang__  // which gives lines with -gdwarf-aranges only
  EXPECT_TRUE(mentions(b.stack, "long_behavior_test.cpp:")) << lines(b.stack);
#endif
  EXPECT_FALSE(mentions(b.stack, "troupe::detail::worker::loop")) << lines(b.stack);
}

struct compute {};

/// Two types that do the same.
struct first_cruncher : actor<void(compute)> {
  explicit first_cruncher(std::function<bool()> f) : enough(std::move(f)) {}
  void on(compute) { compute_without_end(enough); }
  std::function<bool()> enough;
};
struct second_cruncher : actor<void(compute)> {
  explicit second_cruncher(std::function<bool()> f) : enough(std::move(f)) {}
  void on(compute) { compute_without_end(enough); }
  std::function<bool()> enough;
};

TEST(LongBehavior, IsReportedWithItsStackWhenItIsAloneOnTheSystem) {
  told reports;
  system sys({.workers = 2, .preempt = {.warn_after = 20ms, .on_long_behavior = reports.hook()}});
  const auto a = sys.spawn<first_cruncher>(spawn_options{.name = "crunch"},
                                           [&] { return reports.count() != 0; });
  const std::uint64_t id = any_ref(a).id();
  a.send(compute{});
  must_come(sys, [&] { return reports.count() != 0; });
  a.kill();
  must_end(sys);
  const long_behavior b = reports.all().front();
  EXPECT_EQ(b.id, id);
  EXPECT_EQ(b.name, "crunch");
  EXPECT_NE(b.type.find("first_cruncher"), std::string::npos) << b.type;
  EXPECT_GE(b.ran, 20ms);
  expect_stack(b);
  EXPECT_EQ(sys.preemption().long_behaviors, 1U);
  EXPECT_EQ(sys.preemption().preemptions, 0U);
}

std::vector<std::string> stack_in(preemption mode) {
  told reports;
  system sys({.workers = 1,
              .preempt = {.mode = mode, .warn_after = 20ms, .on_long_behavior = reports.hook()}});
  sys.spawn([&](context&) { compute_without_end([&] { return reports.count() != 0; }); });
  must_end(sys);
  return reports.all().front().stack;
}

TEST(LongBehavior, IsReportedInBothModes) {
  for (const preemption mode : {preemption::full, preemption::isolate}) {
    // Under ThreadSanitizer not each time: see expect_stack().
    EXPECT_TRUE(eventually(
        [&] { return mentions(stack_in(mode), "long_behavior_test::compute_without_end"); }));
  }
}

TEST(LongBehavior, IsReportedBesideOthersByTheTimeThatItHasRunItself) {
  told reports;
  std::atomic<bool> enough{false};
  system sys({.workers = 1,
              .preempt = {.fresh_quantum = 500us,
                          .batch_quantum = 2ms,
                          .warn_after = 30ms,
                          .on_long_behavior = reports.hook()}});
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) {
    sys.spawn([&](context&) { compute_without_end([&] { return enough.load(); }); });
  }
  must_come(sys, [&] { return reports.count() != 0; });
  const auto passed = std::chrono::steady_clock::now() - begin;
  enough = true;
  must_end(sys);
  const long_behavior b = reports.all().front();
  EXPECT_GE(b.ran, 30ms);
  EXPECT_LT(b.ran, passed);
  expect_stack(b);
  EXPECT_GT(sys.preemption().preemptions, 0U);
}

TEST(LongBehavior, IsReportedOncePerType) {
  told reports;
  system sys({.workers = 2, .preempt = {.warn_after = 10ms, .on_long_behavior = reports.hook()}});
  std::uint64_t counted = 0;
  const auto run = [&](auto cruncher) {
    cruncher.send(compute{});
    must_come(sys, [&] { return sys.preemption().long_behaviors > counted; });
    cruncher.kill();
    must_end(sys);
    ++counted;
  };
  for (int i = 0; i < 5; ++i) {
    run(sys.spawn<first_cruncher>([&] { return sys.preemption().long_behaviors > counted; }));
  }
  EXPECT_EQ(sys.preemption().long_behaviors, 5U);
  must_come(sys, [&] { return reports.count() != 0; });
  // Another type; but not within a second.
  const auto b = sys.spawn<second_cruncher>([&] { return reports.count("second_cruncher") != 0; });
  b.send(compute{});
  must_come(sys, [&] { return reports.count("second_cruncher") != 0; });
  b.kill();
  must_end(sys);
  EXPECT_EQ(reports.count("first_cruncher"), 1U);
  EXPECT_EQ(reports.count("second_cruncher"), 1U);
}

TEST(LongBehavior, ThatIsAJobIsReportedAsOne) {
  told reports;
  system sys({.workers = 1, .preempt = {.warn_after = 10ms, .on_long_behavior = reports.hook()}});
  counter done;
  sys.run([&] { compute_without_end([&] { return reports.count() != 0; }); }, done);
  done.wait();
  const long_behavior b = reports.all().front();
  EXPECT_EQ(b.id, 0U);
  EXPECT_EQ(b.type, "job");
  expect_stack(b);
}

TEST(LongBehavior, ThatMustNotBePreemptedIsReportedAfterwards) {
  told reports;
  system sys({.workers = 1, .preempt = {.warn_after = 10ms, .on_long_behavior = reports.hook()}});
  sys.spawn([&](context&) {
    {
      const no_preempt together;
      spin_for(50ms);
    }
    compute_without_end([&] { return reports.count() != 0; });
  });
  must_end(sys);
  EXPECT_EQ(reports.count(), 1U);
}

/// How many long behaviors there are when one computes for four times too long, and does `pause`
/// now and then.
template <class Pause>
std::uint64_t long_behaviors_with(Pause pause) {
  system sys({.workers = 1,
              .preempt = {.warn_after = 100ms, .on_long_behavior = [](const long_behavior&) {}}});
  sys.spawn([&](context& self) {
    for (int i = 0; i < 80; ++i) {
      spin_for(5ms);
      pause(self);
    }
  });
  must_end(sys);
  return sys.preemption().long_behaviors;
}

// Now and then the machine stands still for longer than that.
TEST(LongBehavior, IsNoneThatSleepsInBetween) {
  EXPECT_TRUE(
      eventually([] { return long_behaviors_with([](context&) { sleep_for(1ms); }) == 0; }));
}

TEST(LongBehavior, IsNoneThatReceivesInBetweenWhatIsThereAlready) {
  EXPECT_TRUE(eventually([] {
    return long_behaviors_with([](context& self) {
             self.ref().send(compute{});
             self.receive([](compute) {});
           }) == 0;
  }));
}

TEST(LongBehavior, IsNoneThatYieldsInBetweenThoughNobodyWants) {
  EXPECT_TRUE(
      eventually([] { return long_behaviors_with([](context& self) { self.yield(); }) == 0; }));
}

struct step {};
struct walker : actor<void(step)> {
  explicit walker(std::atomic<int>& n) : steps(&n) {}
  void on(step) {
    spin_for(5ms);
    ++*steps;
  }
  std::atomic<int>* steps;
};

TEST(LongBehavior, IsNoneThatHandlesManyShortMessages) {
  EXPECT_TRUE(eventually([] {
    std::atomic<int> steps{0};
    system sys({.workers = 1,
                .preempt = {.warn_after = 100ms, .on_long_behavior = [](const long_behavior&) {}}});
    const auto w = sys.spawn<walker>(steps);
    for (int i = 0; i < 80; ++i) w.send(step{});
    must_come(sys, [&] { return steps == 80; });
    w.kill();
    must_end(sys);
    return sys.preemption().long_behaviors == 0;
  }));
}

TEST(LongBehavior, IsReportedAlsoAfterAHookThatThrew) {
  told reports;
  std::atomic<int> calls{0};
  system sys({.workers = 2,
              .preempt = {.warn_after = 10ms, .on_long_behavior = [&](const long_behavior& b) {
                            if (++calls == 1) throw std::runtime_error("not now");
                            reports.hook()(b);
                          }}});
  sys.spawn([&](context&) { compute_without_end([&] { return calls != 0; }); });
  must_end(sys);
  sys.spawn([&](context&) { compute_without_end([&] { return reports.count() != 0; }); });
  must_end(sys);
  EXPECT_EQ(calls, 2);
}

TEST(LongBehavior, MayBeToldAnActor) {
  struct tell {
    std::string type;
  };
  std::atomic<bool> heard{false};
  any_ref log;
  system sys({.workers = 2,
              .preempt = {.warn_after = 10ms, .on_long_behavior = [&](const long_behavior& b) {
                            log.send(tell{b.type});
                          }}});
  log = sys.spawn(
      [&](context& self) { self.receive([&](const tell& t) { heard = !t.type.empty(); }); });
  sys.spawn([&](context&) { compute_without_end([&] { return heard.load(); }); });
  must_end(sys);
}

TEST(LongBehavior, IsNoneWithoutALimit) {
  std::atomic<int> calls{0};
  system sys(
      {.workers = 1,
       .preempt = {.warn_after = 0ms, .on_long_behavior = [&](const long_behavior&) { ++calls; }}});
  sys.spawn([&](context&) { spin_for(100ms); });
  must_end(sys);
  EXPECT_EQ(sys.preemption().long_behaviors, 0U);
  EXPECT_EQ(calls, 0);
}

TEST(LongBehavior, IsReportedWhileLibrariesComeAndGo) {
  std::atomic<bool> stop{false};
  std::thread loader([&] {
    while (!stop) {
      void* const plugin = ::dlopen(TROUPE_TEST_PLUGIN, RTLD_NOW);
      ASSERT_NE(plugin, nullptr) << ::dlerror();
      ::dlclose(plugin);
    }
  });
  for (std::size_t i = 0; i < test::scaled(30); ++i) {
    told reports;
    system sys({.workers = 1, .preempt = {.warn_after = 2ms, .on_long_behavior = reports.hook()}});
    sys.spawn([&](context&) { compute_without_end([&] { return reports.count() != 0; }); });
    must_end(sys);
    EXPECT_FALSE(reports.all().front().stack.empty());
  }
  stop = true;
  loader.join();
}

[[noreturn]] void report_to_stderr() {
  {
    system sys({.workers = 1, .preempt = {.warn_after = 10ms}});
    const auto a = sys.spawn<first_cruncher>(spawn_options{.name = "crunch"},
                                             [&] { return sys.preemption().long_behaviors != 0; });
    a.send(compute{});
    if (!eventually([&] { return sys.preemption().long_behaviors != 0; })) std::_Exit(1);
  }
  std::_Exit(0);
}

TEST(LongBehaviorDeathTest, IsWrittenToStderrWhenThereIsNoHook) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(report_to_stderr(), testing::ExitedWithCode(0),
              "troupe: actor [0-9]+ 'crunch' \\(.*first_cruncher\\) has run for [0-9]+\\.[0-9]+ s "
              "without waiting\ntroupe:   [^ ]+");
}

}  // namespace
}  // namespace troupe

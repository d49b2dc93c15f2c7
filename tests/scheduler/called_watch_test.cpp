// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Who tells the carrier's watch what, while it does not look at a worker often.

#include <troupe/base/clock.hpp>
#include <troupe/scheduler/detail/timer.hpp>
#include <troupe/scheduler/detail/wait.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <sched.h>

namespace troupe::detail {
namespace {

using namespace std::chrono_literals;

/// Never has an event.
class quiet_poller final : public poller {
 public:
  explicit quiet_poller(bool interest) : interest_(interest) {}

  std::size_t poll(std::size_t) override { return 0; }
  std::size_t wait_until(std::uint64_t, std::size_t, const std::function<void()>& awake) override {
    std::unique_lock hold(mutex_);
    woken_.wait_for(hold, 1ms, [this] { return wake_; });
    wake_ = false;
    hold.unlock();
    awake();
    return 0;
  }
  void wake() noexcept override {
    {
      const std::scoped_lock hold(mutex_);
      wake_ = true;
    }
    woken_.notify_one();
  }
  bool has_interest() const noexcept override { return interest_; }
  bool is_ready() const noexcept override { return false; }

 private:
  const bool interest_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
};

struct counts {
  std::atomic<int> closely{0};
  std::atomic<int> hurried{0};
  std::atomic<int> turns{0};
};

class counting_watch final : public carrier_watch {
 public:
  explicit counting_watch(counts& c) : counts_(c) {}

  void begin() noexcept override {}
  void end() noexcept override {}
  void bound() noexcept override {}
  void unbound() noexcept override {}
  void rescued() noexcept override {}
  void resting() noexcept override {}
  void returning() noexcept override {}
  void freezing() noexcept override {}
  void frozen() noexcept override {}
  void turns_pass(std::uint64_t) noexcept override { ++counts_.turns; }
  void look_closely() noexcept override { ++counts_.closely; }
  void hurry() noexcept override { ++counts_.hurried; }

 private:
  counts& counts_;
};

class counting_preemptor final : public preemptor {
 public:
  explicit counting_preemptor(counts& c) : counts_(c) {}

  std::unique_ptr<carrier_watch> watch(carrier&) override {
    return std::make_unique<counting_watch>(counts_);
  }
  void start() override {}
  void stop() noexcept override {}
  std::uint64_t fresh_quantum_ns() const noexcept override { return 1'000'000; }

 private:
  counts& counts_;
};

/// Runs a function once, on a worker's loop and in a section.
struct routine_task final : task {
  std::function<void(worker&)> body = [](worker&) {};
  std::atomic<bool> done{false};

  explicit routine_task(scheduler& where) {
    static constexpr task_type kind{&run, nullptr, nullptr, nullptr};
    home.store_relaxed(&where);
    type.store_relaxed(&kind);
  }
  void wait() const {
    while (!done) std::this_thread::yield();
  }

 private:
  static void run(task& t) {
    auto& mine = static_cast<routine_task&>(t);
    mine.body(*this_worker());
    mine.done = true;
  }
};

class CalledWatch : public testing::Test {
 protected:
  counts seen;
  std::unique_ptr<scheduler> home;

  void start(bool interest = false, std::size_t workers = 1) {
    home = std::make_unique<scheduler>(scheduler::options{
        .workers = workers,
        .make_poller = [interest](std::size_t) { return std::make_unique<quiet_poller>(interest); },
        .make_preemptor =
            [this](scheduler&) { return std::make_unique<counting_preemptor>(seen); }});
    home->start();
  }

  static void be_overdue_and_rare(worker& w) {
    w.note_overdue_from(0);
    EXPECT_TRUE(w.note_watched_rarely(now_ns()));
  }

  /// Calls `then` from outside while a turn lasts that has done `begin` first; what it has told the
  /// watch.
  int hurried_by(const std::function<void(worker&)>& then,
                 const std::function<void(worker&)>& begin = &be_overdue_and_rare) {
    routine_task busy(*home);
    std::atomic<worker*> at{nullptr};
    std::atomic<bool> over{false};
    busy.body = [&](worker& w) {
      begin(w);
      at = &w;
      while (!over) std::this_thread::yield();
    };
    home->inject(busy);
    while (at == nullptr) std::this_thread::yield();
    const int before = seen.hurried;
    then(*at.load());
    const int told = seen.hurried - before;
    over = true;
    busy.wait();
    return told;
  }
};

TEST_F(CalledWatch, IsHurriedForWhatComesFromOutside) {
  start();
  routine_task late(*home);
  EXPECT_EQ(hurried_by([&](worker&) { home->inject(late); }), 1);
  late.wait();
  EXPECT_EQ(hurried_by([](worker& w) { w.call_watch(); }), 1);
  home->stop();
}

TEST_F(CalledWatch, IsHurriedOnceUntilItLooksAgain) {
  start();
  EXPECT_EQ(hurried_by([](worker& w) {
              w.call_watch();
              w.call_watch();
            }),
            1);
  home->stop();
}

TEST_F(CalledWatch, IsHurriedForWhatComesOnlyOnceTheTurnIsOverdue) {
  start();
  routine_task late(*home);
  routine_task later(*home);
  constexpr std::uint64_t hour_ns = 3'600'000'000'000;
  const auto from = [](std::uint64_t when) {
    return [when](worker& w) {
      w.note_watched_closely();
      w.note_overdue_from(when);
    };
  };
  EXPECT_EQ(hurried_by([&](worker&) { home->inject(late); }, from(now_ns() + hour_ns)), 0);
  late.wait();
  EXPECT_EQ(hurried_by([&](worker&) { home->inject(later); }, from(0)), 1);
  later.wait();
  home->stop();
}

TEST_F(CalledWatch, IsHurriedForATimerOfAnotherThread) {
  start();
  routine_task target(*home);
  envelope* const parcel = make_wake(target, 1).release();
  timer_ref armed;
  EXPECT_EQ(hurried_by([&](worker&) {
              armed = arm_timer(*home, now_ns() + 3'600'000'000'000, target, *parcel,
                                [](task&, envelope& e) noexcept { discard_envelope(e); });
            }),
            1);
  EXPECT_TRUE(cancel_timer(armed));
  home->stop();
}

TEST_F(CalledWatch, LooksCloselyWhenTheBehaviorItselfMakesWork) {
  start();
  routine_task busy(*home);
  routine_task pushed(*home);
  routine_task behind(*home);
  busy.body = [&](worker& w) {
    EXPECT_TRUE(w.note_watched_rarely(now_ns()));
    const int before = seen.closely;
    w.push(pushed);
    EXPECT_EQ(seen.closely, before + 1);
    w.push_behind(behind);
    EXPECT_EQ(seen.closely, before + 1);  // it does already
  };
  home->inject(busy);
  pushed.wait();
  behind.wait();
  home->stop();
}

TEST_F(CalledWatch, LooksCloselyAtTheNextTurn) {
  start();
  routine_task busy(*home);
  busy.body = [](worker& w) { EXPECT_TRUE(w.note_watched_rarely(now_ns())); };
  home->inject(busy);
  while (seen.closely == 0) std::this_thread::yield();
  home->stop();
}

/// Pushes so many tasks on one worker while the behavior of the other one is as `busy` makes it;
/// what that has told the watches.
class CalledByAnother : public CalledWatch {
 protected:
  int hurried_by_pushes(std::size_t count, const std::function<void(worker&)>& busy) {
    start(false, 2);
    std::vector<std::unique_ptr<routine_task>> many;
    for (std::size_t i = 0; i < count; ++i) many.push_back(std::make_unique<routine_task>(*home));
    std::atomic<bool> both_run{false};
    std::atomic<bool> ready{false};
    std::atomic<bool> over{false};
    int told = 0;
    routine_task computing(*home);
    computing.body = [&](worker& w) {
      while (!both_run) std::this_thread::yield();
      busy(w);
      ready = true;
      while (!over) std::this_thread::yield();
    };
    routine_task pushing(*home);
    pushing.body = [&](worker& w) {
      both_run = true;
      while (!ready) std::this_thread::yield();
      const int before = seen.hurried;
      for (const auto& each : many) w.push_behind(*each);
      told = seen.hurried - before;
    };
    home->inject(computing);
    home->inject(pushing);
    pushing.wait();
    over = true;
    for (const auto& each : many) each->wait();
    computing.wait();
    home->stop();
    return told;
  }
};

TEST_F(CalledByAnother, WhenItsRingOverflows) {
  const auto overdue = [](worker& w) { w.note_overdue_from(0); };
  EXPECT_EQ(hurried_by_pushes(run_ring<task>::capacity, overdue), 0);
  EXPECT_EQ(hurried_by_pushes(run_ring<task>::capacity + 1, overdue), 1);
}

TEST_F(CalledByAnother, WhenItHasMuch) {
  const auto rare = [](worker& w) { EXPECT_TRUE(w.note_watched_rarely(now_ns())); };
  EXPECT_EQ(hurried_by_pushes(2, rare), 0);
  EXPECT_EQ(hurried_by_pushes(100, rare), 1);
}

TEST_F(CalledWatch, IsNotRareWhereEventsComeOrWorkWaits) {
  start(true);
  routine_task busy(*home);
  busy.body = [&](worker& w) { EXPECT_FALSE(w.note_watched_rarely(now_ns())); };
  home->inject(busy);
  busy.wait();
  home->stop();

  start(false);
  routine_task waits(*home);
  routine_task behind(*home);
  waits.body = [&](worker& w) {
    w.push(behind);
    EXPECT_FALSE(w.note_watched_rarely(now_ns()));
  };
  home->inject(waits);
  behind.wait();
  home->stop();
}

TEST_F(CalledWatch, IsToldOfTurnsThatPass) {
  start();
  routine_task again(*home);
  std::atomic<int> left{100'000};
  again.body = [&](worker& w) {
    if (--left > 0) w.push_behind(again);
  };
  home->inject(again);
  while (left > 0) std::this_thread::yield();
  EXPECT_GT(seen.turns, 100);
  home->stop();
}

// Where two workers are on one CPU, neither brings its next carrier to it.
TEST_F(CalledWatch, AWorkerSharesTheCpuOfAnotherOneThatIsAwake) {
  scheduler resting({.workers = 2, .make_poller = [](std::size_t) {
                       return std::make_unique<quiet_poller>(false);
                     }});
  worker& first = resting.worker_at(0);
  worker& second = resting.worker_at(1);
  constexpr std::uint64_t now = 5'000'000'000;
  first.note_cpu(now);
  EXPECT_FALSE(first.shares_cpu(now)) << "nobody has seen the other one";
  int before = -1;
  do {  // this thread may be moved meanwhile
    before = ::sched_getcpu();
    first.note_cpu(now);
    second.note_cpu(now);
  } while (before != ::sched_getcpu());
  EXPECT_TRUE(first.shares_cpu(now));
  EXPECT_TRUE(second.shares_cpu(now));
  EXPECT_FALSE(first.shares_cpu(now + 1'000'000'000)) << "the other one has not been seen since";
}

}  // namespace
}  // namespace troupe::detail

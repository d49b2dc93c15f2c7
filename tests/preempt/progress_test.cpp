// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A behavior that does not let go of its worker delays the others, and no more.
#include <preempt/spinning.hpp>

#include <support/random.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::get;
using test::must_come;
using test::must_end;
using test::scaled;
using test::spin_until;

class Progress : public testing::TestWithParam<signal_source> {
 protected:
  static system_options with(std::size_t workers) {
    system_options o;
    o.workers = workers;
    o.preempt.source = GetParam();
    return o;
  }
};

TEST_P(Progress, ASpinningActorDoesNotKeepOthersFromAnswering) {
  system sys(with(1));
  std::atomic<bool> stop{false};
  std::atomic<bool> spins{false};
  sys.spawn([&](context&) {
    spins = true;
    spin_until([&] { return stop.load(); });
  });
  const auto e = sys.spawn<echo>();
  must_come(sys, [&] { return spins.load(); });
  for (std::size_t i = 0; i < scaled(50); ++i) EXPECT_EQ(sys.ask(e, get{}), 1);
  EXPECT_GT(test::times_taken(sys), 0U);
  stop = true;
  e.kill();
  must_end(sys);
}

TEST_P(Progress, FreshWorkThatIsStoppedItselfDoesNotStarveThePreempted) {
  constexpr int most = 64;  // fewer than there may be carriers: when all are in use, rules differ
  system sys(with(1));
  std::atomic<int> begun{0};
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> work{0};
  sys.spawn([&](context&) {
    while (!stop) {
      ++work;
      test::spin_once();
    }
  });
  must_come(sys, [&] { return work != 0; });
  std::uint64_t before = 0;
  // Each begins the next one, and needs more than a quantum itself: fresh ones never run out.
  std::function<void(context&)> next = [&](context& self) {
    if (begun++ == 0) before = work;
    if (begun < most) self.spawn(next);
    test::spin_for(3ms);
  };
  sys.spawn(next);
  must_come(sys, [&] { return begun == most; });
  EXPECT_NE(work, before);
  stop = true;
  must_end(sys);
}

TEST_P(Progress, SpinningActorsThatWaitForEachOtherAllBegin) {
  for (const std::size_t workers : {1U, 2U}) {
    constexpr int n = 24;
    system sys(with(workers));
    std::atomic<int> begun{0};
    for (int i = 0; i < n; ++i) {
      sys.spawn([&](context&) {
        ++begun;
        spin_until([&] { return begun == n; });
      });
    }
    must_end(sys);
  }
}

TEST_P(Progress, SpinningHandlersThatWaitForEachOtherAllBegin) {
  struct spinner : actor<int(get)> {
    spinner(std::atomic<int>& b, int all) : begun(&b), n(all) {}
    int on(get) {
      ++*begun;
      spin_until([&] { return *begun == n; });
      return n;
    }
    std::atomic<int>* begun;
    int n;
  };
  constexpr int n = 8;
  system sys(with(1));
  std::atomic<int> begun{0};
  std::atomic<int> answered{0};
  for (int i = 0; i < n; ++i) {
    const auto s = sys.spawn<spinner>(begun, n);
    sys.spawn([&, s](context& self) {
      EXPECT_EQ(self.ask(s, get{}), n);
      ++answered;
      s.kill();
    });
  }
  must_end(sys);
  EXPECT_EQ(answered, n);
}

TEST_P(Progress, SpinningJobsThatWaitForEachOtherAllBegin) {
  std::atomic<int> begun{0};
  system sys(with(1));
  constexpr int n = 8;
  counter done;
  sys.run_many(
      n,
      [&](std::size_t) {
        ++begun;
        spin_until([&] { return begun == n; });
      },
      done);
  done.wait();
  EXPECT_EQ(begun, n);
}

TEST_P(Progress, ActorsThatSpinBetweenWaitsAllGoOn) {
  system sys(with(2));
  constexpr int n = 6;
  constexpr int rounds = 10;
  std::array<std::atomic<int>, rounds> here{};
  for (int i = 0; i < n; ++i) {
    sys.spawn([&, i](context& self) {
      for (auto& all : here) {
        if (i % 2 == 0) self.sleep_for(1ms);
        if (i % 3 == 0) self.yield();
        ++all;
        spin_until([&] { return all == n; });
      }
    });
  }
  must_end(sys);
}

TEST_P(Progress, GeneratorsWhoseBodiesSpinAreLeftAndResumed) {
  system sys(with(1));
  constexpr int n = 4;
  std::array<std::atomic<int>, 5> here{};
  std::atomic<int> sum{0};
  for (int i = 0; i < n; ++i) {
    sys.spawn([&](context&) {
      generator<int> g([&](auto& yield) {
        for (auto& all : here) {
          ++all;
          spin_until([&] { return all == n; });
          yield(1);
        }
      });
      for (const int one : g) sum += one;
    });
  }
  must_end(sys);
  EXPECT_EQ(sum, n * static_cast<int>(here.size()));
}

TEST_P(Progress, ASpinningActorIsHeardOfByThoseItSendsTo) {
  struct listener : actor<void(int)> {
    explicit listener(std::atomic<int>& h) : heard(&h) {}
    void on(int n) { *heard = n; }
    std::atomic<int>* heard;
  };
  system sys(with(1));
  std::atomic<int> heard{0};
  const auto l = sys.spawn<listener>(heard);
  sys.spawn([&](context& self) {
    for (int i = 1; i <= 20; ++i) {
      l.send(i);
      spin_until([&] { return heard == i; });
    }
    for (int i = 21; i <= 25; ++i) {  // by a timer of the worker that it keeps
      self.send_after(1ms, l, int{i});
      spin_until([&] { return heard == i; });
    }
    l.kill();
  });
  must_end(sys);
}

TEST_P(Progress, TimersOfAWorkerWhoseActorSpinsCome) {
  system sys(with(1));
  std::atomic<bool> stop{false};
  sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
  sys.spawn([&](context& self) {
    for (int i = 0; i < 20; ++i) self.sleep_for(1ms);
    for (int i = 0; i < 20; ++i) self.receive(after(1ms));
    stop = true;
  });
  must_end(sys);
}

TEST_P(Progress, HighPriorityDoesNotLetASpinnerStarveTheLow) {
  system sys(with(1));
  std::atomic<int> others{0};
  sys.spawn(spawn_options{.prio = priority::high},
            [&](context&) { spin_until([&] { return others == 3; }); });
  for (const priority p : {priority::low, priority::normal, priority::high}) {
    sys.spawn(spawn_options{.prio = p}, [&](context&) { ++others; });
  }
  must_end(sys);
}

TEST_P(Progress, SpinnersOfTwoSystemsDoNotHoldEachOtherUp) {
  system one(with(1));
  system two(with(1));
  std::atomic<int> begun{0};
  for (int i = 0; i < 4; ++i) {
    for (system* sys : {&one, &two}) {
      sys->spawn([&](context&) {
        ++begun;
        spin_until([&] { return begun == 8; });
      });
    }
  }
  must_end(one);
  must_end(two);
}

TEST_P(Progress, AnActorThatIsKilledWhileItSpinsEndsAtItsNextWait) {
  system sys(with(1));
  std::atomic<bool> stop{false};
  std::atomic<int> ended{0};
  std::vector<any_ref> spinners;
  for (int i = 0; i < 4; ++i) {
    spinners.push_back(sys.spawn([&](context& self) {
      struct last_words {
        std::atomic<int>& n;
        ~last_words() { ++n; }
      } const words{ended};
      spin_until([&] { return stop.load(); });
      self.sleep_for(1h);
    }));
  }
  for (const any_ref& s : spinners) s.kill();
  stop = true;
  must_end(sys);
  EXPECT_EQ(ended, 4);
}

TEST_P(Progress, AShutdownNamesThoseThatSpinAndWaitsForThem) {
  system sys(with(1));
  std::atomic<bool> stop{false};
  std::atomic<int> begun{0};
  for (int i = 0; i < 5; ++i) {
    sys.spawn(spawn_options{.name = "spinner"}, [&](context&) {
      ++begun;
      spin_until([&] { return stop.load(); });
    });
  }
  must_come(sys, [&] { return begun == 5; });
  const shutdown_report report = sys.shutdown(20ms);
  ASSERT_EQ(report.survivors.size(), 5U);
  for (const survivor& s : report.survivors) EXPECT_EQ(s.name, "spinner");
  stop = true;
  EXPECT_TRUE(sys.shutdown(60s).clean());
}

INSTANTIATE_TEST_SUITE_P(By, Progress,
                         testing::Values(signal_source::kernel_timer, signal_source::monitor),
                         [](const auto& chosen) {
                           return chosen.param == signal_source::monitor ? "Monitor"
                                                                         : "KernelTimer";
                         });

// Who waits for the end of another system's actors may be frozen at any point of that.
TEST(Progress, OfASystemNeedsNobodyWhoWaitsForItsEnd) {
  system waiting({.workers = 1, .preempt = {.fresh_quantum = 50us, .batch_quantum = 50us}});
  for (std::size_t round = 0; round < scaled(50); ++round) {
    system other({.workers = 1});
    std::atomic<int> told{0};
    std::atomic<bool> going{true};
    other.spawn([&](context& self) {
      while (going) self.yield();
    });
    for (int i = 0; i < 4; ++i) {
      waiting.spawn([&](context&) {
        other.await_actors();
        ++told;
      });
    }
    for (int i = 0; i < 50; ++i) other.ask(other.spawn<echo>(), get{});
    going = false;
    other.shutdown(1min);
    must_end(waiting);
    EXPECT_EQ(told, 4);
  }
}

}  // namespace
}  // namespace troupe

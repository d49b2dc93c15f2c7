// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Quanta that are an actor's own.
#include <support/look_at.hpp>
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using test::look_at;
using test::must_come;
using test::must_end;
using test::spin_once;
using test::spin_until;

/// Whether an actor with these options is refused with std::invalid_argument naming the field.
void expect_refusal(system& sys, const spawn_options& options, const std::string& field) {
  try {
    sys.spawn(options, [](context&) {});
    ADD_FAILURE() << "an actor with a bad " << field << " starts";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("spawn_options::" + field), std::string::npos) << e.what();
  }
}

TEST(ActorQuantum, IsRefusedWhenTooShortOrTooLong) {
  system sys({.workers = 1});
  for (const auto q : {microseconds(49), microseconds(-1), microseconds::min(),
                       microseconds(10s) + 1us, microseconds::max()}) {
    expect_refusal(sys, {.fresh_quantum = q}, "fresh_quantum");
    expect_refusal(sys, {.batch_quantum = q}, "batch_quantum");
    expect_refusal(sys, {.name = "x", .stack_size = 65536, .batch_quantum = q}, "batch_quantum");
  }
  EXPECT_EQ(sys.actor_count(), 0U);
  for (const auto q : {microseconds(50), microseconds(10s)}) {
    sys.spawn(spawn_options{.fresh_quantum = q, .batch_quantum = q}, [](context&) {});
  }
  must_end(sys);
}

TEST(ActorQuantum, IsAcceptedWhereNobodyIsFrozen) {
  for (const auto mode : {preemption::off, preemption::isolate}) {
    system sys({.workers = 1, .preempt = {.mode = mode}});
    std::atomic<bool> done{false};
    const any_ref a = sys.spawn(spawn_options{.fresh_quantum = 100us},
                                [&](context&) { spin_until([&] { return done.load(); }); });
    const auto seen = look_at(sys, a);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->fresh_quantum, 100us);
    done = true;
    must_end(sys);
  }
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

/// Computes that long, whatever else the machine does.
void work_for(std::chrono::nanoseconds time) {
  const auto end = thread_cpu_time() + time;
  while (thread_cpu_time() < end) {
    for (int i = 0; i < (TROUPE_TSAN ? 100 : 2'000); ++i) spin_once();
  }
}

class ActorQuantumBy : public testing::TestWithParam<signal_source> {
 protected:
  /// How often an actor with that batch quantum is frozen while it works beside another one.
  static std::uint64_t preemptions_of_worker(system& sys, microseconds quantum) {
    std::atomic<bool> done{false};
    std::uint64_t counted = 0;
    sys.spawn(spawn_options{.batch_quantum = 100us},
              [&](context&) { spin_until([&] { return done.load(); }); });
    sys.spawn(spawn_options{.batch_quantum = quantum}, [&](context& self) {
      work_for(100ms);
      counted = look_at(self.home(), self.ref())->preemptions;
      done = true;
    });
    must_end(sys);
    return counted;
  }
};

TEST_P(ActorQuantumBy, MakesForMorePreemptionsTheShorterItIs) {
  system sys({.workers = 1, .preempt = {.source = GetParam()}});
  const std::uint64_t of_long = preemptions_of_worker(sys, 10ms);
  const std::uint64_t of_short = preemptions_of_worker(sys, 200us);
  // The ratio of the quanta is 50; but a machine may be busy with other things, and the monitor
  // late.
  EXPECT_GT(2 * of_short, 3 * of_long);
}

TEST_P(ActorQuantumBy, DividesTheWorkerByIt) {
  system sys({.workers = 1, .preempt = {.source = GetParam()}});
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> turns_of_short{0};
  std::atomic<std::uint64_t> turns_of_long{0};
  const auto spin = [&](microseconds quantum, std::atomic<std::uint64_t>& turns) {
    return any_ref(sys.spawn(spawn_options{.batch_quantum = quantum}, [&](context&) {
      spin_until([&] { return turns.fetch_add(1, std::memory_order_relaxed), stop.load(); });
    }));
  };
  const any_ref one = spin(200us, turns_of_short);
  const any_ref other = spin(5ms, turns_of_long);
  // In one stretch of 20 preemptions each; in others the machine may be busy with other things, and
  // signals come late. The ratio of the quanta is 25.
  must_come(sys, [&] {
    const std::uint64_t until_one = look_at(sys, one)->preemptions + 20;
    const std::uint64_t until_other = look_at(sys, other)->preemptions + 20;
    turns_of_short = turns_of_long = 0;
    must_come(sys, [&] {
      return look_at(sys, one)->preemptions >= until_one &&
             look_at(sys, other)->preemptions >= until_other;
    });
    return turns_of_long > 5 * turns_of_short;
  });
  stop = true;
  must_end(sys);
}

/// The contended worker has fresh work without end.
TEST_P(ActorQuantumBy, LetsAnActorBeWhenItIsLong) {
  test::contended_worker beside({.preempt = {.fresh_quantum = 100us, .source = GetParam()}});
  std::atomic<std::uint64_t> preemptions{0};
  beside.sys.spawn(spawn_options{.fresh_quantum = 10s, .batch_quantum = 10s}, [&](context& self) {
    work_for(30ms);
    preemptions = look_at(self.home(), self.ref())->preemptions;
  });
  beside.end();
  EXPECT_EQ(preemptions, 0U);
}

TEST_P(ActorQuantumBy, IsForFreshWorkToo) {
  // But for its own, that would take longer than must_come() waits.
  std::atomic<bool> done{false};
  test::contended_worker beside(
      {.preempt = {.fresh_quantum = 1s, .batch_quantum = 1s, .source = GetParam()}});
  beside.sys.spawn(spawn_options{.fresh_quantum = 200us}, [&](context& self) {
    beside.be_preempted(200);
    EXPECT_GE(look_at(self.home(), self.ref())->preemptions, 1U);
    done = true;
  });
  must_come(beside.sys, [&] { return done.load(); });
}

INSTANTIATE_TEST_SUITE_P(Signalled, ActorQuantumBy,
                         testing::Values(signal_source::kernel_timer, signal_source::monitor),
                         [](const auto& chosen) {
                           return chosen.param == signal_source::monitor ? "ByMonitor"
                                                                         : "ByKernelTimer";
                         });

}  // namespace
}  // namespace troupe

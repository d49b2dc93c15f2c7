// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// The checker itself, on the classic small programs: what it allows and what it reports.
#include <model/weakening.hpp>

#include <memory>
#include <optional>

namespace troupe::model {
namespace {

using detail::atomic;
using detail::plain;

/// Two threads announce themselves and then look for the other one.
struct dekker : rl::test_suite<dekker, 2> {
  atomic<int> here[2];
  plain<int> saw[2];

  void thread(unsigned me) {
    here[me].store_seq_cst(1);
    saw[me] = here[1 - me].load_seq_cst();
  }
  void after() { require(saw[0] + saw[1] > 0, "neither saw the other"); }
};

TEST(AtomicModel, OneOfTwoSequentiallyConsistentThreadsSeesTheOther) {
  EXPECT_TRUE(holds<dekker>(every_schedule()));
}

TEST(AtomicModel, ReportsDekkerWithoutSequentialConsistency) {
  EXPECT_EQ((unnoticed_weakenings<dekker>("atomic_model_test.cpp", every_schedule())), texts{});
}

/// A plain value handed over by a flag.
struct message : rl::test_suite<message, 2> {
  atomic<bool> sent{false};
  plain<int> value{0};

  void thread(unsigned me) {
    if (me == 0) {
      value = 1;
      sent.store_release(true);
    } else if (sent.load_acquire()) {
      require(value == 1, "stale");
    }
  }
};

TEST(AtomicModel, ReportsAPlainValueThatNothingOrders) {
  EXPECT_TRUE(holds<message>(every_schedule()));
  EXPECT_EQ((unnoticed_weakenings<message>("atomic_model_test.cpp", every_schedule())), texts{});
}

/// Two threads take a lock made of one read-modify-write.
struct lock : rl::test_suite<lock, 2> {
  atomic<bool> taken{false};
  plain<int> guarded{0};

  void thread(unsigned) {
    while (taken.exchange_acquire(true)) detail::spin_pause();
    guarded = guarded + 1;
    taken.store_release(false);
  }
  void after() { require(guarded == 2, "lost"); }
};

TEST(AtomicModel, LetsASpinningThreadWaitForTheOther) {
  EXPECT_TRUE(holds<lock>(every_schedule()));
  EXPECT_EQ((unnoticed_weakenings<lock>("atomic_model_test.cpp", every_schedule())), texts{});
}

/// A thread blocks until another one has changed a value.
template <bool Notifies>
struct sleeper : rl::test_suite<sleeper<Notifies>, 2> {
  atomic<int> value{0};

  void thread(unsigned me) {
    if (me == 0) {
      value.wait_acquire(0);
    } else {
      value.store_release(1);
      if (Notifies) value.notify_one();
    }
  }
};

TEST(AtomicModel, ReportsAThreadThatNobodyWakes) {
  EXPECT_TRUE(holds<sleeper<true>>(every_schedule()));
  EXPECT_EQ(explore<sleeper<false>>(every_schedule()).result, rl::test_result_deadlock);
}

/// An object is gone while another thread may still use it.
struct destroyed : rl::test_suite<destroyed, 2> {
  std::optional<atomic<int>> value;

  void before() { value.emplace(0); }
  void thread(unsigned me) {
    if (me == 0) {
      value->store_relaxed(1);
    } else {
      std::destroy_at(&*value);
    }
  }
};

TEST(AtomicModel, ReportsAnAccessToADestroyedAtomic) {
  EXPECT_EQ(explore<destroyed>(every_schedule()).result, rl::test_result_access_to_freed_memory);
}

}  // namespace
}  // namespace troupe::model

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// scheduler/internal/run_ring.hpp: one owner, and thieves that put what they take into rings of
// their own. Every element goes to exactly one taker, who sees what was written before it was
// pushed.
#include <troupe/scheduler/internal/run_ring.hpp>

#include <model/weakening.hpp>

#include <array>
#include <cstdint>
#include <memory>

namespace troupe::model {
namespace {

using detail::plain;
using detail::run_ring;

struct element {
  plain<unsigned> pushed;
  plain<unsigned> taken;
};

constexpr std::uint32_t before_wrap = 0xffff'ffff;

/// The owner pushes `Count` elements into a ring with room for `Capacity`, taking one itself after
/// each `Burst`. `Overflow`: when the ring is full it takes half of it out.
template <unsigned Capacity, unsigned Count, unsigned Burst, unsigned Thieves, bool Overflow>
struct stealing : rl::test_suite<stealing<Capacity, Count, Burst, Thieves, Overflow>, 1 + Thieves> {
  using ring = run_ring<element, Capacity>;

  // On the heap, which aligns them as they ask.
  std::array<std::unique_ptr<ring>, 1 + Thieves> rings;
  std::array<element, Count> elements;

  void before() {
    for (auto& each : rings) each = std::make_unique<ring>(before_wrap);
  }

  void thread(unsigned me) {
    if (me == 0) {
      own();
      return;
    }
    if (element* const first = rings[0]->steal(*rings[me])) take(first);
    take_all(me);
  }

  void own() {
    ring& mine = *rings[0];
    for (unsigned i = 0; i < Count;) {
      element& next = elements[i];
      next.pushed = 1;
      if (mine.try_push(&next)) {
        ++i;
        if (i % Burst == 0) take(mine.pop());
      } else if (Overflow) {
        std::array<element*, Capacity / 2> half{};
        const std::size_t count = mine.take_half(half.data());
        for (std::size_t k = 0; k < count; ++k) take(half[k]);
      } else {
        take(mine.pop());
      }
    }
    take_all(0);
  }

  void take_all(unsigned me) {
    while (element* const next = rings[me]->pop()) take(next);
  }

  void take(element* e) {
    if (e == nullptr) return;
    require(e->pushed == 1, "not published");
    e->taken = e->taken + 1;
  }

  void after() {
    for (const element& each : elements) require(each.taken == 1, "lost or taken twice");
    for (auto& each : rings) each.reset();
  }
};

/// One thief takes from the owner, and another one from that thief.
struct chain : rl::test_suite<chain, 3> {
  using ring = run_ring<element, 4>;
  static constexpr unsigned count = 3;

  std::array<std::unique_ptr<ring>, 3> rings;
  std::array<element, count> elements;

  void before() {
    for (auto& each : rings) each = std::make_unique<ring>(before_wrap);
  }
  void thread(unsigned me) {
    if (me == 0) {
      for (element& each : elements) {
        each.pushed = 1;
        require(rings[0]->try_push(&each), "full");
      }
    } else if (element* const first = rings[me - 1]->steal(*rings[me])) {
      take(*first);
    }
  }
  void take(element& e) {
    require(e.pushed == 1, "not published");
    e.taken = e.taken + 1;
  }
  void after() {
    for (auto& each : rings) {
      while (element* const next = each->pop()) take(*next);
      each.reset();
    }
    for (const element& each : elements) require(each.taken == 1, "lost or taken twice");
  }
};

TEST(RunRingModel, GivesEveryElementToOneTaker) {
  EXPECT_TRUE((holds<stealing<2, 3, 2, 1, false>>(up_to_switches(4))));
  EXPECT_TRUE((holds<stealing<4, 4, 4, 2, false>>(up_to_switches(2))));
  EXPECT_TRUE(holds<chain>(up_to_switches(3)));
}
TEST(RunRingModel, GivesEveryElementToOneTakerWhenTheOwnerMakesRoom) {
  EXPECT_TRUE((holds<stealing<2, 4, 5, 1, true>>(at_least_up_to_switches(3))));
  EXPECT_TRUE((holds<stealing<2, 4, 2, 2, true>>(up_to_switches(2))));
}
TEST(RunRingModel, GivesEveryElementToOneTakerInManyLongRandomSchedules) {
  EXPECT_TRUE((holds<stealing<4, 10, 3, 2, true>>(random_schedules(40'000))));
}

TEST(RunRingModel, NoticesWeakerOrders) {
  EXPECT_EQ(
      (unnoticed_weakenings<stealing<2, 3, 2, 1, false>, stealing<2, 4, 5, 1, true>, chain>(
          "run_ring.hpp", up_to_switches(2))),
      (texts{
          // [rr-head] keeps a slot from being overwritten before it has been read. Relacy runs each
          // thread in program order: no load sees a store that is still to come.
          "try_put: load_acquire as relaxed",
          "pop: compare_exchange_acq_rel as acquire",
          "take_half: compare_exchange_acq_rel as acquire",
          "steal: load_acquire #1 as relaxed",
          "steal: compare_exchange_acq_rel as acquire",
          // A head that does not fit to the tail shows in their distance.
          "steal: load_acquire #2 as relaxed",
          // The owner wrote the elements itself, and a thief has acquired them by their tail.
          "pop: compare_exchange_acq_rel as release",
          "pop: compare_exchange_acq_rel, failing as relaxed",
          "take_half: compare_exchange_acq_rel as release",
          "take_half: compare_exchange_acq_rel, failing as relaxed",
          "steal: compare_exchange_acq_rel as release",
          "steal: compare_exchange_acq_rel, failing as relaxed",
      }));
}

}  // namespace
}  // namespace troupe::model

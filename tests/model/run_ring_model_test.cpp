// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// The run ring: whatever the owner and the thieves do at the same time, every element is taken
// once, by somebody who sees what its pusher wrote into it.
#include <troupe/scheduler/internal/run_ring.hpp>
#include <model/weakening.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::model {
namespace {

using detail::plain;

struct element {
  plain<int> number{0};
};

constexpr std::uint32_t before_wrap = 0xffff'fffe;

/// What the models share: elements that are pushed in order, and who has been taken.
template <std::uint32_t Capacity>
struct ring_model {
  using ring = detail::run_ring<element, Capacity>;

  std::array<element, Capacity + 2> elements;
  std::array<int, Capacity + 2> taken{};
  int pushed = 0;

  /// One more element, if there is room.
  void push(ring& to) {
    element& next = elements[static_cast<std::size_t>(pushed)];
    next.number = pushed + 1;
    if (to.try_push(&next)) ++pushed;
  }

  void take(element* e) {
    if (e == nullptr) return;
    const int number = e->number;
    require(number == e - elements.data() + 1, "not what was pushed");
    require(number <= pushed, "not pushed yet");
    require(++taken[static_cast<std::size_t>(number - 1)] == 1, "taken twice");
  }

  void steal(ring& from, ring& into) { take(from.steal(into)); }

  void drain(ring& from) {
    while (element* const e = from.pop()) take(e);
  }

  void require_all_taken() {
    for (int i = 0; i < pushed; ++i) require(taken[static_cast<std::size_t>(i)] == 1, "lost");
  }
};

/// The owner goes round the ring while a thief copies from it.
struct owner_and_thief : ring_model<2>, rl::test_suite<owner_and_thief, 2> {
  ring mine{before_wrap};
  ring thiefs;

  void thread(unsigned me) {
    if (me == 0) {
      push(mine);
      push(mine);
      take(mine.pop());
      push(mine);
      push(mine);
    } else {
      steal(mine, thiefs);
      steal(mine, thiefs);
    }
  }
  void after() {
    drain(mine);
    drain(thiefs);
    require_all_taken();
  }
};

TEST(RunRingModel, GivesEachElementToTheOwnerOrToTheThief) {
  EXPECT_TRUE(holds<owner_and_thief>(up_to_switches(3)));
}

/// The owner makes room in a full ring while a thief does so too.
struct full_ring : ring_model<2>, rl::test_suite<full_ring, 2> {
  ring mine{before_wrap};
  ring thiefs;

  void thread(unsigned me) {
    if (me == 0) {
      push(mine);
      push(mine);
      std::array<element*, ring::capacity / 2> half{};
      const std::size_t count = mine.take_half(half.data());
      for (std::size_t i = 0; i < count; ++i) take(half[i]);
      push(mine);
      require(pushed == 3, "no room although some were taken");
    } else {
      steal(mine, thiefs);
    }
  }
  void after() {
    drain(mine);
    drain(thiefs);
    require_all_taken();
  }
};

TEST(RunRingModel, MakesRoomForTheOwnerOnce) { EXPECT_TRUE(holds<full_ring>(up_to_switches(3))); }

/// Two thieves at one ring, whose owner pops.
struct two_thieves : ring_model<2>, rl::test_suite<two_thieves, 3> {
  ring mine{before_wrap};
  ring thiefs[2];

  void thread(unsigned me) {
    if (me == 0) {
      push(mine);
      push(mine);
      take(mine.pop());
    } else {
      steal(mine, thiefs[me - 1]);
    }
  }
  void after() {
    drain(mine);
    drain(thiefs[0]);
    drain(thiefs[1]);
    require_all_taken();
  }
};

TEST(RunRingModel, GivesEachElementToOneOfTwoThieves) {
  EXPECT_TRUE(holds<two_thieves>(up_to_switches(3)));
}

/// A thief is robbed of its booty: who takes it sees what its first owner wrote.
struct chain : ring_model<4>, rl::test_suite<chain, 3> {
  ring mine{before_wrap};
  ring first{before_wrap};
  ring second;

  void before() {
    for (int i = 0; i < 3; ++i) push(mine);
  }
  void thread(unsigned me) {
    if (me == 0) {
      push(mine);
      take(mine.pop());
    } else if (me == 1) {
      steal(mine, first);
      take(first.pop());
    } else {
      steal(first, second);
    }
  }
  void after() {
    drain(mine);
    drain(first);
    drain(second);
    require_all_taken();
  }
};

TEST(RunRingModel, PassesAnElementOnThroughTheRingOfAThief) {
  EXPECT_TRUE(holds<chain>(up_to_switches(3)));
}

TEST(RunRingModel, NeedsItsOrders) {
  EXPECT_EQ(
      (unnoticed_weakenings<owner_and_thief, full_ring, two_thieves, chain>("internal/run_ring.hpp",
                                                                            up_to_switches(2))),
      (texts{
          // [rr-head] from a taker's exchange to the owner's reuse of a slot. What it prevents
          // is a thief that reads a slot's next element before that has been written; in
          // Relacy no load returns a value from the future.
          "try_push: load_acquire as relaxed",
          "pop: compare_exchange_acq_rel as acquire",
          // The acquiring half of an exchange: the owner takes what it pushed itself, a thief
          // what its load of tail has acquired. There is no name for an exchange without it.
          "pop: compare_exchange_acq_rel as release",
          "pop: compare_exchange_acq_rel, failing as relaxed",
          "take_half: compare_exchange_acq_rel as acquire",
          "take_half: compare_exchange_acq_rel as release",
          "take_half: compare_exchange_acq_rel, failing as relaxed",
          "steal: load_acquire #1 as relaxed",
          // A tail older than the head is seen by their distance, and costs an attempt.
          "steal: load_acquire #2 as relaxed",
          "steal: compare_exchange_acq_rel as acquire",
          "steal: compare_exchange_acq_rel as release",
          "steal: compare_exchange_acq_rel, failing as relaxed",
      }));
}

}  // namespace
}  // namespace troupe::model

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// mailbox/internal/magazine_list.hpp: magazines change hands through it, none is lost, and none has
// two owners.
#include <troupe/mailbox/internal/magazine_list.hpp>

#include <model/weakening.hpp>

#include <array>
#include <cstdint>

namespace troupe::model {
namespace {

using detail::magazine;
using detail::magazine_list;
using detail::plain;

constexpr std::uint32_t magazines = 3;

/// Where the running model keeps its magazines: a list finds them by a table of no size.
std::array<magazine, magazines + 1>* store = nullptr;

struct table {
  magazine& operator()(std::uint32_t index) const noexcept { return (*store)[index]; }
};

/// Treiber's stack without the count of changes: what magazine_list must not be.
class uncounted_list {
 public:
  void push(magazine& m) noexcept {
    std::uint32_t seen = head_.load_relaxed();
    do {
      m.below.store_relaxed(seen);
    } while (!head_.compare_exchange_weak_acq_rel(seen, m.index));
  }
  magazine* pop() noexcept {
    std::uint32_t seen = head_.load_acquire();
    while (seen != 0) {
      magazine& top = (*store)[seen];
      const std::uint32_t below = top.below.load_relaxed();
      if (head_.compare_exchange_weak_acq_rel(seen, below)) return &top;
    }
    return nullptr;
  }

 private:
  detail::atomic<std::uint32_t> head_{0};
};

/// One thread holds two magazines at times, which turns the list over; the others hold one.
template <unsigned Threads, class List = magazine_list<table>>
struct turn_over : rl::test_suite<turn_over<Threads, List>, Threads> {
  std::array<magazine, magazines + 1> all;
  List list;
  std::array<plain<unsigned>, magazines + 1> used;  // the owner's

  void before() {
    store = &all;
    for (std::uint32_t i = 1; i < magazines; ++i) {
      all[i].index = i;
      list.push(all[i]);
    }
  }

  void thread(unsigned me) {
    magazine* const first = list.pop();
    magazine* const second = me == 0 ? list.pop() : nullptr;
    use_and_push(first);
    use_and_push(second);
  }
  void use_and_push(magazine* m) {
    if (m == nullptr) return;
    used[m->index] = used[m->index] + 1;
    list.push(*m);
  }

  void after() {
    for (unsigned left = 1; left < magazines; ++left) require(list.pop() != nullptr, "lost");
    require(list.pop() == nullptr, "twice");
  }
};

/// Every thread goes to the depot so often, as a cache does: it takes a filled magazine, empties
/// it, and gives back the one that it displaces, empty or filled again.
struct depot : rl::test_suite<depot, 3> {
  using list = magazine_list<table>;
  static constexpr unsigned rounds = 4;

  std::array<magazine, magazines + 1> all;
  list filled;
  list empty;
  // The owner's: who had it last, and how many slots it holds.
  std::array<plain<unsigned>, magazines + 1> owner;
  std::array<plain<unsigned>, magazines + 1> count;

  void before() {
    store = &all;
    for (std::uint32_t i = 1; i <= magazines; ++i) {
      all[i].index = i;
      count[i] = 1;
      filled.push(all[i]);
    }
  }

  void thread(unsigned me) {
    magazine* loaded = nullptr;
    for (unsigned i = 0; i < rounds; ++i) {
      magazine* const m = filled.pop();
      if (m == nullptr) continue;  // the others have them all
      own(*m, me, 1);
      count[m->index] = 0;
      if (loaded != nullptr) give(*loaded, me, i % 2);
      loaded = m;
    }
    if (loaded != nullptr) give(*loaded, me, 0);
    if (magazine* const m = empty.pop()) {
      own(*m, me, 0);
      give(*m, me, 1);
    }
  }

  void own(const magazine& m, unsigned me, unsigned slots) {
    require(count[m.index] == slots, "in the wrong list");
    owner[m.index] = me;
  }
  void give(magazine& m, unsigned me, unsigned slots) {
    require(owner[m.index] == me, "two owners");
    count[m.index] = slots;
    (slots == 0 ? empty : filled).push(m);
  }

  void after() {
    unsigned found = 0;
    std::array<bool, magazines + 1> seen{};
    for (list* const each : {&filled, &empty}) {
      while (magazine* const m = each->pop()) {
        require(!seen[m->index], "twice");
        seen[m->index] = true;
        ++found;
      }
    }
    require(found == magazines, "lost");
  }
};

TEST(MagazineListModel, HandsEveryMagazineToOneOwnerAtATime) {
  EXPECT_TRUE(holds<turn_over<2>>(up_to_switches(4)));
  EXPECT_TRUE(holds<turn_over<3>>(up_to_switches(2)));
}
TEST(MagazineListModel, LosesNothingInManyLongRandomSchedules) {
  EXPECT_TRUE(holds<depot>(random_schedules(40'000)));
}
TEST(MagazineListModel, NoticesAListThatDoesNotCountItsChanges) {
  EXPECT_TRUE((fails<turn_over<2, uncounted_list>>(up_to_switches(3))));
}
TEST(MagazineListModel, NoticesWeakerOrders) {
  EXPECT_EQ(
      (unnoticed_weakenings<turn_over<2>, turn_over<3>>("magazine_list.hpp", up_to_switches(2))),
      (texts{
          // Pushing needs its release half only; what a pop takes out it does not publish.
          "push: compare_exchange_weak_acq_rel as release",
          "push: compare_exchange_weak_acq_rel, failing as relaxed",
          "pop: compare_exchange_weak_acq_rel as acquire",
      }));
}

}  // namespace
}  // namespace troupe::model

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

/// Every thread goes to the depot so often: it takes a filled magazine, uses its slots, and puts it
/// back, empty or filled again.
template <unsigned Threads, unsigned Rounds, class List = magazine_list<table>>
struct depot : rl::test_suite<depot<Threads, Rounds, List>, Threads> {
  std::array<magazine, magazines + 1> all;
  List filled;
  List empty;
  // The owner's: who had it last, how many slots it holds, and what is in the slots.
  std::array<plain<unsigned>, magazines + 1> owner;
  std::array<plain<unsigned>, magazines + 1> count;
  std::array<plain<unsigned>, magazines + 1> used;

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
    for (unsigned i = 0; i < Rounds; ++i) {
      magazine* const m = filled.pop();
      if (m == nullptr) continue;  // the others have them all
      own(*m, me, 1);
      used[m->index] = used[m->index] + 1;
      count[m->index] = 0;
      // As a cache does: keep the latest one, and give back what it displaces, as full as it is.
      if (loaded != nullptr) give(*loaded, me, i);
      loaded = m;
    }
    if (loaded != nullptr) give(*loaded, me, Rounds);
    if (magazine* const m = empty.pop()) {
      own(*m, me, 0);
      put(*m);
    }
  }

  void own(const magazine& m, unsigned me, unsigned slots) {
    require(count[m.index] == slots, "in the wrong list");
    owner[m.index] = me;
  }
  void give(magazine& m, unsigned me, unsigned round) {
    require(owner[m.index] == me, "two owners");
    if (round % 2 == 0) count[m.index] = 1;
    put(m);
  }
  void put(magazine& m) { (count[m.index] == 0 ? empty : filled).push(m); }

  void after() {
    unsigned found = 0;
    std::array<bool, magazines + 1> seen{};
    for (List* const list : {&filled, &empty}) {
      while (magazine* const m = list->pop()) {
        require(!seen[m->index], "twice");
        seen[m->index] = true;
        ++found;
      }
    }
    require(found == magazines, "lost");
  }
};

TEST(MagazineListModel, HandsEveryMagazineToOneOwnerAtATime) {
  EXPECT_TRUE((holds<depot<2, 2>>(up_to_switches(4))));
  EXPECT_TRUE((holds<depot<3, 1>>(up_to_switches(3))));
}
TEST(MagazineListModel, LosesNothingInManyLongRandomSchedules) {
  EXPECT_TRUE((holds<depot<3, 4>>(random_schedules(200'000))));
}
TEST(MagazineListModel, NoticesAListThatDoesNotCountItsChanges) {
  EXPECT_TRUE((fails<depot<2, 2, uncounted_list>>(up_to_switches(3))));
}
TEST(MagazineListModel, NoticesEveryOrderThatIsTooWeak) {
  EXPECT_EQ((unnoticed_weakenings<depot<2, 2>, depot<3, 1>>("magazine_list.hpp", up_to_switches(3))),
            texts{});
}

}  // namespace
}  // namespace troupe::model

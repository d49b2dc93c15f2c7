// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// The states of a timer, scheduler/internal/timer_entry.hpp, as timer.cpp and pick.cpp change them:
// a parcel is delivered or discarded, once, as the canceller was told, and no entry is freed twice
// or used in a life that is over.
#include <troupe/scheduler/internal/timer_entry.hpp>

#include <model/weakening.hpp>

#include <array>
#include <cstdint>

namespace troupe::model {
namespace {

using detail::atomic;
using detail::mpsc_queue;
using detail::plain;
using detail::queue_node;
using detail::timer_entry;
using detail::timer_ref;
using detail::timer_state;

enum class fault {
  none,
  fires_without_a_transition,
  frees_what_is_on_its_way_to_the_inbox,
  cancels_in_whatever_life,
};

/// How often a rare path was taken, over all schedules.
struct {
  unsigned cancelled_posted;
  unsigned cancelled_armed;
  unsigned fired;
  unsigned met_in_wheel;
} met;

struct parcel : detail::envelope {
  plain<unsigned> written;
  plain<unsigned> delivered;
  plain<unsigned> discarded;
};

/// One entry, its owner, and whoever else arms or cancels.
template <fault Fault>
class one_timer {
 public:
  timer_entry entry;
  mpsc_queue inbox;
  atomic<bool> free{true};
  plain<unsigned> contents;  // stands for the entry's plain fields

  /// arm_timer(). The entry comes from a magazine, whose hand-over acquires.
  bool try_arm(parcel& p, bool by_owner, timer_ref& ref) {
    if (!free.load_acquire()) return false;
    free.store_relaxed(false);
    p.written = 1;
    contents = 1;
    entry.parcel.store_relaxed(&p);
    const std::uint64_t life = timer_entry::life_of(entry.word.load_relaxed()) + 1;
    ref = {&entry, life};
    if (by_owner) {
      entry.word.store_release(timer_entry::pack(life, timer_state::armed));
      in_wheel_ = true;
    } else {
      entry.word.store_release(timer_entry::pack(life, timer_state::posted));
      static_cast<void>(inbox.push(entry));
    }
    return true;
  }

  /// cancel_timer() and take_parcel().
  bool cancel(timer_ref ref, bool by_owner) {
    auto* const p = static_cast<parcel*>(entry.parcel.load_relaxed());
    std::uint64_t life = ref.life;
    if (Fault == fault::cancels_in_whatever_life) {
      life = timer_entry::life_of(entry.word.load_acquire());
    }
    if (entry.transition(life, timer_state::posted, timer_state::cancelled)) {
      ++met.cancelled_posted;
    } else if (entry.transition(life, timer_state::armed, timer_state::cancelled)) {
      ++met.cancelled_armed;
      if (by_owner) {
        in_wheel_ = false;
        give_back();
      } else {
        static_cast<void>(inbox.push(entry));
      }
    } else {
      return false;
    }
    require(p->written == 1, "not published");
    p->discarded = p->discarded + 1;
    return true;
  }

  /// worker::drain_inbox().
  void drain() {
    while (queue_node* const node = inbox.front()) {
      if (inbox.unlink_front() == mpsc_queue::unlinked::stalled) return;
      require(node == &entry, "not ours");
      const std::uint64_t life = timer_entry::life_of(entry.word.load_acquire());
      if (entry.transition(life, timer_state::posted, timer_state::armed)) {
        require(contents == 1, "not published");
        in_wheel_ = true;
      } else {
        in_wheel_ = false;
        give_back();
      }
    }
  }

  /// worker::fire(), of all that is in the wheel.
  void fire() {
    if (!in_wheel_) return;
    in_wheel_ = false;
    const std::uint64_t life = timer_entry::life_of(entry.word.load_relaxed());
    if (Fault == fault::fires_without_a_transition) {
      entry.word.store_relaxed(timer_entry::pack(life, timer_state::free));
    } else if (!entry.transition(life, timer_state::armed, timer_state::free)) {
      ++met.met_in_wheel;
      if (Fault == fault::frees_what_is_on_its_way_to_the_inbox) give_back();
      return;
    }
    ++met.fired;
    auto* const p = static_cast<parcel*>(entry.parcel.load_relaxed());
    give_back();
    require(p->written == 1, "not published");
    p->delivered = p->delivered + 1;
  }

  void finish() {
    drain();
    fire();
    drain();
    require(free.load_relaxed(), "lost");
  }

 private:
  void give_back() {
    require(contents == 1, "freed twice");
    contents = 0;
    free.store_release(true);
  }

  plain<bool> in_wheel_;
};

void require_fate(const parcel& p, bool cancelled) {
  require(p.delivered == (cancelled ? 0U : 1U), "not as the canceller was told");
  require(p.discarded == (cancelled ? 1U : 0U), "not as the canceller was told");
}

/// Another thread arms, and cancels soon after; when it gets the entry again, it arms it once more.
template <fault Fault = fault::none>
struct posted : rl::test_suite<posted<Fault>, 2> {
  one_timer<Fault> timer;
  std::array<parcel, 2> parcels;
  std::array<bool, 2> cancelled{};
  bool again = false;

  void thread(unsigned me) {
    if (me == 0) {
      for (int i = 0; i < 2; ++i) {
        timer.drain();
        timer.fire();
      }
      return;
    }
    timer_ref ref;
    require(timer.try_arm(parcels[0], false, ref), "not free");
    cancelled[0] = timer.cancel(ref, false);
    again = timer.try_arm(parcels[1], false, ref);
  }
  void after() {
    timer.finish();
    require_fate(parcels[0], cancelled[0]);
    if (again) require_fate(parcels[1], false);
  }
};

/// The owner arms, fires, and arms the same entry anew; another thread, and the owner itself in
/// `Both`, cancel the first life.
template <bool Both, fault Fault = fault::none>
struct armed : rl::test_suite<armed<Both, Fault>, 2> {
  one_timer<Fault> timer;
  std::array<parcel, 2> parcels;
  atomic<std::uint64_t> life{0};
  std::array<bool, 2> cancelled{};
  bool again = false;

  void thread(unsigned me) {
    timer_ref ref;
    if (me == 0) {
      require(timer.try_arm(parcels[0], true, ref), "not free");
      life.store_release(ref.life);
      if (Both) cancelled[0] = timer.cancel(ref, true);
      timer.fire();
      timer.drain();
      again = timer.try_arm(parcels[1], true, ref);
      timer.fire();
    } else if (const std::uint64_t known = life.load_acquire(); known != 0) {
      cancelled[1] = timer.cancel({&timer.entry, known}, false);
    }
  }
  void after() {
    timer.finish();
    require(!(cancelled[0] && cancelled[1]), "cancelled twice");
    require_fate(parcels[0], cancelled[0] || cancelled[1]);
    if (again) require_fate(parcels[1], false);
  }
};

TEST(TimerModel, DeliversOrDiscardsAParcelAsTheCancellerWasTold) {
  met = {};
  EXPECT_TRUE(holds<posted<>>(up_to_switches(5)));
  EXPECT_TRUE(holds<armed<false>>(up_to_switches(5)));
  EXPECT_TRUE(holds<armed<true>>(up_to_switches(5)));
  EXPECT_GT(met.cancelled_posted, 0U);
  EXPECT_GT(met.cancelled_armed, 0U);
  EXPECT_GT(met.fired, 0U);
  EXPECT_GT(met.met_in_wheel, 0U);
}
TEST(TimerModel, NoticesAWrongProtocol) {
  EXPECT_TRUE((fails<posted<fault::fires_without_a_transition>>(up_to_switches(3))));
  EXPECT_TRUE(
      (fails<armed<false, fault::frees_what_is_on_its_way_to_the_inbox>>(up_to_switches(3))));
  EXPECT_TRUE((fails<armed<false, fault::cancels_in_whatever_life>>(up_to_switches(3))));
}
TEST(TimerModel, NoticesWeakerOrders) {
  EXPECT_EQ(
      (unnoticed_weakenings<posted<>, armed<false>, armed<true>>("timer_entry.hpp",
                                                                 up_to_switches(3))),
      (texts{
          // Both sides have met before: who cancels was given the life by who armed it, and the
          // inbox and the magazines publish what they hand over.
          "transition: compare_exchange_acq_rel as acquire",
          "transition: compare_exchange_acq_rel as release",
          // The owner of a life that is over is told so, and touches nothing.
          "transition: compare_exchange_acq_rel, failing as relaxed",
      }));
}

}  // namespace
}  // namespace troupe::model

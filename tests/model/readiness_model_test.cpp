// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Whether one direction of a socket is worth a system call: io/internal/readiness.hpp, used as
// waiting_call.cpp and socket.cpp use it. What must hold: whoever waits is woken by what is
// reported after it began to wait, and is not there any more for a reporter only when that reporter
// is through.
#include <troupe/io/internal/readiness.hpp>

#include <model/weakening.hpp>

#include <array>

namespace troupe::model {
namespace {

using detail::atomic;
using detail::envelope;
using detail::plain;
using io::detail::readiness;

/// What the second reporter is.
enum class second {
  none,
  watches_too,     ///< the reactor that watched the socket before
  comes_too_late,  ///< it has an event of the slot's earlier life in hand, which says nothing
};

/// Ways to get the protocol wrong.
enum class fault {
  none,
  says_ready_for_another,  ///< although that one is still posting
  says_ready_before_it_posts,
};

/// One user, which parks again and again, and gives up in between if Patient is false. The numbers
/// noted stand in for the socket: a user that has taken all of them goes away.
template <unsigned Reports, second Second, bool Patient, fault Fault = fault::none>
struct direction
    : rl::test_suite<direction<Reports, Second, Patient, Fault>, Second == second::none ? 2 : 3> {
  readiness word;
  envelope parked;
  plain<unsigned> content{0};  // of the envelope
  std::array<atomic<unsigned>, 2> noted;
  atomic<int> post{0};
  atomic<bool> watched{false};
  plain<bool> gone{false};

  void thread(unsigned me) {
    if (me == 0) {
      use();
    } else if (me == 1) {
      watched.wait_acquire(false);
      report(0, Reports);
    } else if (Second == second::watches_too) {
      watched.wait_acquire(false);
      report(1, 1);
    } else {
      report(1, 1);
    }
  }

  void report(unsigned me, unsigned times) {
    for (unsigned i = 1; i <= times; ++i) {
      noted[me].store_relaxed(i);
      envelope* const taken = word.report();
      if (Fault == fault::says_ready_for_another && taken == nullptr) word.posted();
      if (taken == nullptr) continue;
      require(taken == &parked, "not what was parked");
      if (Fault == fault::says_ready_before_it_posts) word.posted();
      require(content != 0, "taken before it was parked");
      post.store_release(1);
      post.notify_one();
      require(!gone, "posted to nobody");
      if (Fault != fault::says_ready_before_it_posts) word.posted();
    }
  }

  void use() {
    word.reset(true);  // a new life begins, whoever is late
    watched.store_release(true);
    watched.notify_all();
    for (unsigned waits = 0; !took_everything();) {
      if (word.clear() == readiness::state::ready) continue;
      content = ++waits;
      if (word.park(parked) != readiness::state::idle) continue;
      if (!Patient && waits % 2 == 1) {
        if (word.withdraw(parked)) continue;
        require(post.load_relaxed() == 1, "lost");
      }
      while (post.load_acquire() == 0) post.wait_acquire(0);
      post.store_relaxed(0);
      content = 0;
    }
    require(word.withdraw_any() == nullptr, "parked at the end");
    gone = true;
  }
  bool took_everything() const {
    return noted[0].load_relaxed() == Reports &&
           (Second != second::watches_too || noted[1].load_relaxed() == 1);
  }
};

using alone = direction<2, second::none, true>;
using alone_impatient = direction<2, second::none, false>;
using moved = direction<2, second::watches_too, true>;
using reused = direction<2, second::comes_too_late, true>;
using impatient = direction<2, second::watches_too, false>;

TEST(ReadinessModel, WakesTheUserWithOneReporter) {
  EXPECT_TRUE(holds<alone>(at_least_up_to_switches(3)));
  EXPECT_TRUE(holds<alone_impatient>(at_least_up_to_switches(3)));
}

TEST(ReadinessModel, WakesTheUserThatParksAgainWhileTwoReport) {
  EXPECT_TRUE(holds<moved>(up_to_switches(2)));
  EXPECT_TRUE(holds<reused>(up_to_switches(2)));
  EXPECT_TRUE((holds<direction<4, second::comes_too_late, true>>(random_schedules(20'000))));
}

TEST(ReadinessModel, IsThroughWithAUserThatGivesUp) {
  EXPECT_TRUE(holds<impatient>(up_to_switches(2)));
  EXPECT_TRUE((holds<direction<4, second::watches_too, false>>(random_schedules(20'000))));
}

TEST(ReadinessModel, NoticesAWrongProtocol) {
  EXPECT_TRUE((fails<direction<2, second::watches_too, true, fault::says_ready_for_another>>(
      up_to_switches(3))));
  EXPECT_TRUE((fails<direction<2, second::none, false, fault::says_ready_before_it_posts>>(
      up_to_switches(3))));
}

TEST(ReadinessModel, NoticesWeakerOrders) {
  EXPECT_EQ(
      // A second reporter notices no more of them, in a hundred times as many schedules.
      (unnoticed_weakenings<alone, alone_impatient>("readiness.hpp", up_to_switches(2))),
      (texts{
          // The user has nothing to tell a reporter but what it parks.
          "clear: compare_exchange_acq_rel as acquire",
          // A failing exchange only brings a new guess, or is followed by a look that acquires.
          "clear: compare_exchange_acq_rel, failing as relaxed",
          "park: compare_exchange_acq_rel, failing as relaxed",
          "report: compare_exchange_acq_rel, failing as relaxed",
          "withdraw: compare_exchange_acq_rel, failing as relaxed",
          // Nothing was reported when it parks; what it takes back is its own.
          "park: compare_exchange_acq_rel as release",
          "withdraw: compare_exchange_acq_rel as acquire",
          "withdraw: compare_exchange_acq_rel as release",
      }));
}

}  // namespace
}  // namespace troupe::model

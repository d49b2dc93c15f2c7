// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// A task's two lanes together: mailbox/detail/mpsc_queue.hpp and control_lane.hpp, used as their
// owners use them. Whoever is told to schedule the task runs it at once. What must hold: no wake-up
// is lost, no message is lost or reordered, and no two threads own the task at the same time.
#include <troupe/mailbox/detail/control_lane.hpp>
#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <model/weakening.hpp>

#include <array>

namespace troupe::model {
namespace {

using detail::control_lane;
using detail::mpsc_queue;
using detail::plain;
using detail::queue_node;
using unlinked = mpsc_queue::unlinked;

/// Ways to get the protocol wrong.
enum class fault {
  none,
  looks_at_control_before_going_idle,
  goes_idle_without_a_look_at_control,
  claims_before_it_pushes,
  pushes_without_a_claim,
  waits_for_mail_although_claimed,
};

/// How the task goes through its mailbox.
enum class style {
  handlers,  ///< the front is handled in place: retire_front(), serve_nothing()
  receive,   ///< the front is taken out first: pop_front(), commit_mail_wait()
};

/// How often a rare path was taken, over all schedules.
struct {
  unsigned claims_by_owner;
  unsigned claims_by_sender;
  unsigned parked;
  unsigned unparked;
  unsigned stalls;
} met;

/// actors/internal/activation.cpp, actors/detail/wait.cpp and scheduler/detail/schedule.cpp,
/// without the actors.
template <fault Fault>
class task {
 public:
  enum class rest { busy, idle, claimed };

  mpsc_queue mailbox;
  control_lane control;

  /// give_up_ownership() and commit_mail_wait().
  rest go_idle() {
    if (Fault == fault::looks_at_control_before_going_idle && control.has_news()) return rest::busy;
    return mailbox.try_idle() ? claim_again() : rest::busy;
  }

  /// What follows the step that made the mailbox idle.
  rest claim_again() {
    if (Fault == fault::looks_at_control_before_going_idle) return rest::idle;
    if (Fault == fault::goes_idle_without_a_look_at_control) return rest::idle;
    if (!control.has_news() || !mailbox.try_claim()) return rest::idle;
    ++met.claims_by_owner;
    return Fault == fault::waits_for_mail_although_claimed ? rest::idle : rest::claimed;
  }

  /// post_control(): true, the caller schedules the task.
  bool post_control(queue_node& node) {
    if (Fault == fault::claims_before_it_pushes) {
      const bool claimed = mailbox.try_claim();
      return control.push(node) || claimed;
    }
    if (control.push(node)) {
      ++met.unparked;
      return true;
    }
    if (Fault == fault::pushes_without_a_claim || !mailbox.try_claim()) return false;
    ++met.claims_by_sender;
    return true;
  }
};

struct message : queue_node {
  plain<unsigned> sender;
  plain<unsigned> number;
};

/// The first threads send user messages, the others control messages, `Each` of them.
///
/// `Waits`: the handler of the first user message waits for the first message of the last control
/// sender, in the middle of the behavior, as ask() does.
template <unsigned Users, unsigned Controls, unsigned Each, style Style, bool Waits,
          fault Fault = fault::none>
struct actor : rl::test_suite<actor<Users, Controls, Each, Style, Waits, Fault>, Users + Controls> {
  static constexpr unsigned senders = Users + Controls;
  using rest = typename task<Fault>::rest;
  enum class after_step { go_on, rest };

  task<Fault> t;
  std::array<std::array<message, Each>, senders> messages;
  // The owner's.
  std::array<plain<unsigned>, senders> arrived;
  plain<bool> waiting;
  plain<bool> front_is_linked;

  void thread(unsigned me) {
    for (unsigned i = 0; i < Each; ++i) {
      message& m = messages[me][i];
      m.sender = me;
      m.number = i;
      if (me < Users ? t.mailbox.push(m) : t.post_control(m)) run();
    }
  }

  void run() {
    while (step() == after_step::go_on) {
    }
  }

  after_step step() {
    if (t.control.has_news()) take_news();
    if (waiting) return wait_for_answer();
    queue_node* const front = t.mailbox.front();
    if (front == nullptr) return rest_or_go_on(t.go_idle());
    return Style == style::handlers ? serve_in_place(*front) : take_out(*front);
  }

  void take_news() {
    for (queue_node* node = t.control.take_all(); node != nullptr;) {
      queue_node* const next = node->next.load_relaxed();
      take(*node);
      node = next;
    }
  }

  /// await_answer() and commit_control_wait().
  after_step wait_for_answer() {
    if (arrived[senders - 1] > 0) {
      waiting = false;
      return after_step::go_on;
    }
    if (t.control.has_news() || !t.control.try_park()) return after_step::go_on;
    ++met.parked;
    return after_step::rest;
  }

  after_step serve_in_place(queue_node& front) {
    take(front);
    if (waiting) {  // detach_current()
      while (t.mailbox.unlink_front() == unlinked::stalled) pause();
      return after_step::go_on;
    }
    if (mpsc_queue::next_of(front) != nullptr) {
      require(t.mailbox.unlink_front() == unlinked::more, "stalled although linked");
      return after_step::go_on;
    }
    unlinked what = t.mailbox.unlink_front_or_idle();
    while (what == unlinked::stalled) {
      pause();
      what = t.mailbox.unlink_front_or_idle();
    }
    return what == unlinked::more ? after_step::go_on : rest_or_go_on(t.claim_again());
  }

  after_step take_out(queue_node& front) {
    while (t.mailbox.unlink_front() == unlinked::stalled) pause();
    take(front);
    return after_step::go_on;
  }

  after_step rest_or_go_on(rest what) {
    if (what == rest::busy) pause();
    return what == rest::idle ? after_step::rest : after_step::go_on;
  }

  /// schedule_behind() and yield_now(): others go first.
  void pause() {
    ++met.stalls;
    detail::spin_pause();
  }

  void take(const queue_node& node) {
    const auto& m = static_cast<const message&>(node);
    const unsigned from = m.sender;
    require(m.number == arrived[from], "out of order, lost or twice");
    arrived[from] = arrived[from] + 1;
    if (Waits && from == 0 && m.number == 0) waiting = true;
  }

  void after() {
    for (const auto& count : arrived) require(count == Each, "left behind");
    require(!waiting, "waits for ever");
    require(t.mailbox.is_idle() && t.mailbox.front() == nullptr, "mailbox not idle at the end");
    require(!t.control.has_news(), "news at the end");
  }
};

template <style Style>
using two_lanes = actor<1, 1, 2, Style, false>;
template <style Style>
using answered = actor<1, 1, 2, Style, true>;
template <style Style>
using disturbed = actor<1, 2, 1, Style, true>;  // news that is no answer comes, too

TEST(WakeUpModel, LosesNothingWhenBothLanesBringNews) {
  met = {};
  EXPECT_TRUE(holds<two_lanes<style::handlers>>(at_least_up_to_switches(3)));
  EXPECT_TRUE(holds<two_lanes<style::receive>>(at_least_up_to_switches(3)));
  EXPECT_GT(met.claims_by_owner, 0U);
  EXPECT_GT(met.claims_by_sender, 0U);
  EXPECT_GT(met.stalls, 0U);
}
TEST(WakeUpModel, LosesNothingInAnyScheduleOfOneMessageInEachLane) {
  EXPECT_TRUE((holds<actor<1, 1, 1, style::handlers, false>>(every_schedule())));
}
TEST(WakeUpModel, EndsAWaitInTheMiddleOfABehavior) {
  met = {};
  EXPECT_TRUE(holds<answered<style::handlers>>(at_least_up_to_switches(3)));
  EXPECT_TRUE(holds<answered<style::receive>>(at_least_up_to_switches(3)));
  EXPECT_TRUE(holds<disturbed<style::handlers>>(up_to_switches(3)));
  EXPECT_TRUE(holds<disturbed<style::receive>>(up_to_switches(3)));
  EXPECT_GT(met.parked, 0U);
  EXPECT_GT(met.unparked, 0U);
}
TEST(WakeUpModel, LosesNothingInManyLongRandomSchedules) {
  EXPECT_TRUE((holds<actor<2, 2, 2, style::handlers, true>>(random_schedules(40'000))));
  EXPECT_TRUE((holds<actor<2, 2, 2, style::receive, true>>(random_schedules(40'000))));
}

template <fault Fault, style Style = style::handlers>
using wrong = actor<1, 1, 2, Style, false, Fault>;

TEST(WakeUpModel, NoticesAWrongProtocol) {
  EXPECT_TRUE((fails<wrong<fault::looks_at_control_before_going_idle>>(up_to_switches(3))));
  EXPECT_TRUE((fails<wrong<fault::goes_idle_without_a_look_at_control>>(up_to_switches(3))));
  EXPECT_TRUE((fails<wrong<fault::claims_before_it_pushes>>(up_to_switches(3))));
  EXPECT_TRUE((fails<wrong<fault::pushes_without_a_claim>>(up_to_switches(3))));
  EXPECT_TRUE(
      (fails<wrong<fault::waits_for_mail_although_claimed, style::receive>>(up_to_switches(3))));
}

TEST(WakeUpModel, NoticesWeakerOrdersInTheControlLane) {
  EXPECT_EQ(
      (unnoticed_weakenings<two_lanes<style::handlers>, two_lanes<style::receive>,
                            answered<style::handlers>>("control_lane.hpp", up_to_switches(2))),
      (texts{
          // A failing exchange only brings a new guess.
          "push: compare_exchange_weak_seq_cst, failing as relaxed",
          // Nobody reads what the owner wrote by seeing the lane empty: the release half is spare.
          "take_all: exchange_acq_rel as acquire",
          // One word: parking needs its release half only, and a failure is followed by a take.
          "try_park: compare_exchange_seq_cst as acq_rel",
          "try_park: compare_exchange_seq_cst as release",
          "try_park: compare_exchange_seq_cst, failing as relaxed",
      }));
}
TEST(WakeUpModel, NoticesWeakerOrdersInTheMailboxThatTwoLanesNeed) {
  EXPECT_EQ((unnoticed_weakenings<two_lanes<style::handlers>, two_lanes<style::receive>,
                                  answered<style::receive>>("mpsc_queue.hpp", up_to_switches(2))),
            (texts{
                // For an inbox whose owner parks: park_model_test.cpp.
                "push: exchange_seq_cst as acq_rel",
                // See mpsc_queue_model_test.cpp for these.
                "push: exchange_seq_cst as acquire",
                "try_claim: compare_exchange_seq_cst as acquire",
                "try_claim: compare_exchange_seq_cst, failing as relaxed",
                "try_idle: compare_exchange_seq_cst, failing as relaxed",
                "unlink: compare_exchange_seq_cst, failing as relaxed",
                "unlink: load_acquire #2 as relaxed",
                // Its load comes first and is sequentially consistent.
                "try_claim: compare_exchange_seq_cst as acq_rel",
                // Only asked whether it is null before unlink() looks again.
                "next_of: load_acquire as relaxed",
            }));
}

}  // namespace
}  // namespace troupe::model

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/wait.hpp>

#include <troupe/actors/detail/control_block.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/receive.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <exception>
#include <utility>

namespace troupe::detail {
namespace {

/// The next envelope of a private list that the filter accepts, taken out; nullptr when there is
/// none.
envelope* take_from_list(envelope*& first, envelope*& last, const envelope_filter& filter) {
  envelope* before = nullptr;
  for (envelope* e = first; e != nullptr;) {
    const bool is_wanted = filter(*e);
    auto* const next = static_cast<envelope*>(e->next.load_relaxed());  // private list
    if (is_wanted) {
      if (before == nullptr) {
        first = next;
      } else {
        before->next.store_relaxed(next);
      }
      if (last == e) last = before;
      return e;
    }
    before = e;
    e = next;
  }
  return nullptr;
}

/// Whether it was meant for an earlier life.
bool is_late(const control_block& self, const envelope& e) noexcept {
  return e.target_generation != self.generation.load_relaxed();  // own
}

/// What the filter refuses goes to the stash. The answer says whether `e`, unlinked, is wanted.
bool sift(control_block& self, envelope& e, const envelope_filter& filter) {
  if (is_late(self, e)) {
    drop_message(self, e, dead_letter::cause::receiver_ended);
    return false;
  }
  try {
    if (filter(e)) return true;
  } catch (...) {  // a condition that throws loses no message
    append(self.stash_first, self.stash_last, e);
    throw;
  }
  append(self.stash_first, self.stash_last, e);
  return false;
}

/// The policy drop_oldest, where the oldest have been passed over.
void drop_what_is_too_many(control_block& self, bounded_lane& lane) {
  while (lane.drops_taken()) {
    drop_message(self, *pop_stash(self), dead_letter::cause::mailbox_full);
  }
}

envelope* take_from_lane(control_block& self, bounded_lane& lane, const envelope_filter& filter) {
  drop_what_is_too_many(self, lane);  // a condition has thrown
  for (std::size_t left = lane.size(); left != 0; --left) {
    envelope* const e = lane.take();
    if (e == nullptr) break;  // dropped meanwhile
    const bool late = is_late(self, *e);
    const bool wanted = sift(self, *e, filter);
    if (late || wanted) lane.forget();
    if (wanted) return e;
    drop_what_is_too_many(self, lane);
  }
  return nullptr;
}

/// Moves on through the mailbox to the first message that the filter accepts, as far as the mailbox
/// reaches now: whoever fills it faster than we look at it must not keep us from other news.
envelope* take_from_mailbox(control_block& self, const envelope_filter& filter) {
  const queue_node* const last = self.mailbox.last_pushed();
  for (bool more = last != nullptr; more;) {
    envelope* const e = pop_front(self);
    if (e == nullptr) {  // a producer is in the middle of its push
      yield_now();
      continue;
    }
    more = e != last;
    if (sift(self, *e, filter)) return e;
  }
  bounded_lane* const lane = self.lane.load_relaxed();  // constant during a life
  return lane != nullptr ? take_from_lane(self, *lane, filter) : nullptr;
}

bool commit_mail_wait(task& t) noexcept {
  if (!t.mailbox.try_idle()) return false;
  return !(has_side_news(static_cast<control_block&>(t)) &&
           t.mailbox.try_claim());  // claimed: it is ours again, and goes on
}

void wait_for_mail() {
  const section_across_switch guard;
  suspend(&commit_mail_wait);
}

/// What messages_per_activation is for handlers.
void let_others_run_now_and_then(control_block& self) {
  const scheduler& home = *self.home.load_relaxed();  // own
  if (++self.received_in_a_row < home.messages_per_activation()) return;
  self.received_in_a_row = 0;
  yield_now();
}

}  // namespace

envelope_ptr take_matching(control_block& self, envelope_filter filter, std::uint64_t deadline_ns) {
  refuse_in_section();
  throw_if_ending(self);
  detach_current(self);
  let_others_run_now_and_then(self);
  const awaiting scope(self, self.next_request_id(), deadline_ns);
  for (bool stash_searched = false;; stash_searched = true) {
    take_news(self);
    throw_if_ending(self);
    envelope* e = take_from_list(self.news_first, self.news_last, filter);
    if (e == nullptr && !stash_searched) {
      e = take_from_list(self.stash_first, self.stash_last, filter);
      if (e != nullptr) forget_bounded(self);
    }
    if (e == nullptr) e = take_from_mailbox(self, filter);
    if (e != nullptr) return envelope_ptr(e);
    if (self.answer != nullptr) return nullptr;  // the time-out
    // after(0) looks without waiting: the wheel would take its time for a deadline that has passed.
    if (deadline_ns != never_ns && deadline_ns <= now_ns()) return nullptr;
    if (self.mailbox.front() != nullptr || has_bounded(self)) {  // it came while we looked
      let_others_run_now_and_then(self);
      continue;
    }
    self.received_in_a_row = 0;
    wait_for_mail();
  }
}

handling::handling(control_block& self, envelope& e) noexcept
    : self_(self), outer_(std::exchange(self.current, &e)) {}

handling::~handling() { self_.current = outer_; }

}  // namespace troupe::detail

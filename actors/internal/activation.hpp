// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/dead_letter.hpp>
#include <troupe/actors/detail/control_block.hpp>
#include <troupe/base/spin_lock.hpp>
#include <troupe/mailbox/detail/bounded_lane.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <exception>
#include <memory>

namespace troupe::detail {

// The owner's side of a mailbox. Called by the actor's own activation, or by whoever else owns the
// block. Outside a section unless it says otherwise: most of it runs user code (destructors,
// hooks), and none of it touches worker-local state.

/// The control lane's news, for actors: an answer to `awaited` becomes `answer`, notices go to the
/// news list, the rest is obeyed.
void take_news(task& t);
/// The same for tasks that are sent answers only.
void take_answers(task& t);

/// Unlinks what has been or is being handled from the mailbox, so that the behavior may look at
/// what is behind it. Yields while a producer is in the middle of its push.
void detach_current(control_block& b);

/// The mailbox's front, unlinked; nullptr when none is visible.
envelope* pop_front(control_block& b);

inline bool has_bounded(const control_block& b) noexcept {
  const bounded_lane* const lane = b.lane.load_relaxed();  // constant during a life
  return lane != nullptr && lane->has_messages();
}

/// Whether something waits outside of the queue whose idle bit the owner has just set.
inline bool has_side_news(const control_block& b) noexcept {
  return b.control.has_news() || has_bounded(b);
}

/// The oldest message of a bounded mailbox; nullptr when there is none.
inline envelope* pop_bounded(control_block& b) noexcept {
  bounded_lane* const lane = b.lane.load_relaxed();  // constant during a life
  return lane != nullptr ? lane->pop() : nullptr;
}

/// The oldest message that a selective receive has passed over; nullptr when there is none.
envelope* pop_stash(control_block& b) noexcept;

/// A message that a selective receive has seen is not in the mailbox any more: its room is free.
inline void forget_bounded(control_block& b) noexcept {
  if (bounded_lane* const lane = b.lane.load_relaxed()) lane->forget();  // constant during a life
}

/// The owner has nothing to do: goes idle, or is scheduled again when there is news. The block is
/// no longer the caller's. False: a message is coming in; the block still is. Within a section.
[[nodiscard]] bool give_up_ownership(control_block& b) noexcept;

void append(envelope*& first, envelope*& last, envelope& e) noexcept;
envelope* pop(envelope*& first, envelope*& last) noexcept;
inline const envelope* next_in(const envelope& e) noexcept {
  return static_cast<const envelope*>(e.next.load_relaxed());  // private list
}

/// Makes the actor end after the current message. The first reason counts.
void request_end(control_block& b, const exit_reason& reason) noexcept;
/// request_end for an exception, reported to the system's on_failure.
void fail(control_block& b, std::exception_ptr error) noexcept;

/// Ends the life of an actor: everything that its end entails. Called and left within a section;
/// the block is no longer the caller's.
void terminate(control_block& b);

/// Turns everything that is queued into dead letters.
void drop_everything(control_block& b);

/// A message for a life that is over, noticed by its sender. Owns `e`.
void post_to_the_dead(control_block& to, envelope& e);

/// Sends to a bounded mailbox, by its policy; may wait. Owns `e`. Throws std::system_error with
/// errc::mailbox_full, and actor_exit when the waiting sender is asked to end.
void post_bounded(control_block& to, bounded_lane& lane, envelope& e, std::uint64_t deadline_ns);
/// As above; false, and `from` as it was, where that throws errc::mailbox_full by the policy.
bool try_post_bounded(control_block& to, bounded_lane& lane, envelope_ptr& from,
                      std::uint64_t deadline_ns);
/// Lets a message into a bounded mailbox without waiting, whatever the bound.
void force_bounded(control_block& to, bounded_lane& lane, envelope& e) noexcept;
/// The lane of a block for its next life. Throws std::system_error.
void configure_lane(control_block& b, mailbox_options options);

/// Disposes of a user message that will not be handled: a dead letter; a request fails. Owns `e`.
void drop_message(control_block& receiver, envelope& e, dead_letter::cause why);
/// The same for one that is part of a mailbox still, and stays it.
void drop_in_place(control_block& receiver, envelope& e, dead_letter::cause why);

/// Disposes of a control envelope for a life that is over. Owns `e`.
void drop_stale_control(control_block& receiver, envelope& e);

/// What tells an actor that it is watched: carries the room in which it takes note of that, and
/// becomes the `down` that it asks for. Throws std::system_error, std::bad_alloc.
envelope* make_monitor();

/// Tells the watcher that sent `monitor` that the life `generation` of `ended` is over. Owns
/// `monitor`; takes no memory.
void post_down(envelope& monitor, control_block& ended, std::uint32_t generation,
               const exit_reason& reason) noexcept;

/// Behavior type of a block between two lives.
extern const behavior_type dead_type;

/// Takes the block's extras out of reports' reach.
std::unique_ptr<extras> take_extras(control_block& b) noexcept;

/// Guards the deletion of extras against reports from other threads.
spin_lock& extras_lock() noexcept;

}  // namespace troupe::detail

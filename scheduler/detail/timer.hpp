// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Timers that hand an envelope to a task. Arming and cancelling work from any thread; a timer lives
// in the wheel of one worker, its owner.
//
// States of a timer_entry (the low bits of `word`; the rest is the life's number):
//   | state     | where the entry is                   | who may leave it, to                       |
//   | free      | in a magazine                        | arm_timer: to posted or armed              |
//   | posted    | in the owner's inbox, to be armed    | owner: armed; cancel_timer: cancelled      |
//   | armed     | in the owner's wheel                 | owner: free (fired); cancel_timer: below   |
//   | cancelled | still in inbox or wheel              | owner: free                                |
// cancel_timer() on the owner's own thread frees at once; elsewhere it marks the entry cancelled
// and, if it is in the wheel, sends it to the owner's inbox. So cancelling is O(1) everywhere, and
// its answer is exact: after true, the envelope is never delivered. Orderings:
//   [life] compare_exchange acq_rel on `word`: the winner of a state change owns the envelope, and
//          sees it as the arming store published it.

#include <troupe/base/atomic.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/scheduler/detail/timer_node.hpp>

#include <cstdint>

namespace troupe::detail {

class scheduler;
class task;
class worker;
struct timer_entry;

/// Hands a due envelope to its task. Runs on the timer's owner, in a section; must not throw.
using deliver_parcel = void (*)(task& target, envelope& parcel) noexcept;

/// Names one life of a timer entry; harmless when that life is over.
struct timer_ref {
  timer_entry* entry = nullptr;
  std::uint64_t life = 0;
};

/// Delivers `parcel` to `target` at the deadline, or, when `home` stops before that, discards it.
/// Owns the parcel from here on. Any thread. Throws std::system_error when memory runs out; the
/// parcel is the caller's again then.
timer_ref arm_timer(scheduler& home, std::uint64_t deadline_ns, task& target, envelope& parcel,
                    deliver_parcel deliver);

/// True: the parcel has been discarded and will never be delivered. False: it has been delivered,
/// or cancelled before. Any thread while the system lives; runs the message's destructor, so not in
/// a section.
bool cancel_timer(timer_ref timer) noexcept;

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The schedulable unit: what run queues hold. Actors and jobs derive from it.
//
// States of a task; exactly one thread at a time has the right to touch it:
//   | state     | where it is                                  | who may take it from there       |
//   | idle      | nowhere: no news in any lane                 | the push that finds a lane idle  |
//   | runnable  | in exactly one run queue, or in a LIFO slot  | the worker that takes it out     |
//   | running   | a worker's `current`                         | itself, by ending or waiting     |
//   | waiting   | nowhere; `pinned` holds its generator        | the push that ends its wait      |
// Run modes (design, section 3): without a pinned generator; Switch mode (pinned in the middle of a
// behavior); Poll mode (pinned for good: the body is itself a loop that receives).

#include <troupe/base/cache_line.hpp>
#include <troupe/base/peekable.hpp>
#include <troupe/mailbox/detail/control_lane.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/scheduler/priority.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::detail {

class bounded_lane;
class raw_generator;
class scheduler;
class task;

/// Who a task is. The name is there as long as the task is, the type's as long as its code is.
struct task_identity {
  std::uint64_t id = 0;     ///< any_ref::id(); 0 for a job
  std::string_view name{};  ///< spawn_options::name, or empty
  std::string_view type{};  ///< readable C++ type of the behavior; "job"; empty: nobody any more
  std::uintptr_t code = 0;  ///< the same for all tasks that run the same code
};

/// What all tasks of one kind share.
struct task_type {
  /// Runs the task on the calling generator, from the worker's loop. Called and left within a
  /// section, but perhaps left on another worker: the behavior may have waited.
  void (*activate)(task&);
  /// Prepares a task for waiting in the middle of its behavior. Outside a section; may wait itself.
  void (*before_wait)(task&);
  /// Takes the control lane's news: an answer to `awaited` becomes `answer`, the rest is obeyed or
  /// kept. Called by the running task, outside a section.
  void (*take_news)(task&);
  /// For reports: called in a signal handler of the thread that runs the task, in no section.
  task_identity (*identify)(const task&) noexcept;
};

class alignas(cache_line) task {
 public:
  task() noexcept = default;
  task(const task&) = delete;
  task& operator=(const task&) = delete;

  // First cache line: what senders read and write. The owner writes here only when a lane runs dry
  // and between lives, so that a sender on another core meets no writes of the running behavior.

  control_lane control;

  /// Where it runs; nullptr when that is gone, and the task is a dead actor. Atomic because a send
  /// to a past life of an actor may look at it while the next life begins, or while its scheduler
  /// is destroyed: whoever follows it does so on a worker of that scheduler (relaxed: it has seen
  /// it published) or during a visit (seq_cst, see internal/visit.hpp).
  atomic<scheduler*> home{nullptr};
  /// Where user messages go instead of `mailbox` when they are bounded. Set before the first
  /// bounded life of the slot, and kept from then on.
  atomic<bounded_lane*> lane{nullptr};
  task* run_link = nullptr;  ///< next in a batch queue or in the injector
  /// Which life of its slot it is; odd while an actor lives. Written by the owner.
  atomic<std::uint32_t> generation{0};
  std::uint32_t number = 0;  ///< of the slot it lives in, constant; what debuggers call it
  peekable<priority> prio{priority::normal};
  bool is_actor = false;  ///< constant: it is a control_block
  /// Others wait, and the running activation is to end when it can. Set by the signal handler of
  /// the thread that runs it, so relaxed.
  atomic<bool> quantum_over{false};
  /// Which reactors may keep something for this actor, a bit for each: they are told of its end.
  /// And whether they have been, see io/internal/reactor_mailbox.hpp.
  atomic<std::uint32_t> registered_with{0};

  /// User lane; its idle bit says whether the task is idle. It straddles the two lines on purpose:
  /// the producers' end lies in the first, the consumer's in the second.
  mpsc_queue mailbox;

  // Second cache line: the owner's; the spawner is the first owner, then whoever the table above
  // says.

  /// Atomic for those who only report on tasks; relaxed: what it points to is constant.
  atomic<const task_type*> type{nullptr};
  peekable<raw_generator*> pinned{nullptr};  ///< where to resume it; nullptr: call activate
  envelope* news_first = nullptr;  ///< control envelopes taken from the lane, not consumed yet
  envelope* news_last = nullptr;
  envelope* answer = nullptr;      ///< what came for `awaited`
  std::uint32_t awaited = 0;       ///< the request id the behavior waits for; 0: none
  std::uint32_t last_request = 0;  ///< request ids are given out by counting up; 0 is none
  /// By quit(), an exit message or an exception: its waiting calls then throw actor_exit.
  bool end_requested = false;

  std::uint32_t next_request_id() noexcept {
    if (++last_request == 0) ++last_request;
    return last_request;
  }
};
static_assert(mpsc_queue::consumer_offset == 16);
static_assert(offsetof(task, mailbox) + mpsc_queue::consumer_offset == cache_line);

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Workers change carriers: the moves between the states of carrier.hpp. preempt decides, this does.
//
// Rules. A worker changes hands only between behaviors' instructions: its state is whole, because
// the carrier that gives it away is in no section, or in the loop. The gate of the carrier that
// gets it orders everything (release, acquire). Nothing here allocates, throws, or takes a lock
// that is held outside sections: all of it may be done in a signal handler.

#include <troupe/scheduler/internal/carrier.hpp>

namespace troupe::detail {

struct hand_over {
  /// The calling carrier, in its signal handler and in no section, stops here in its behavior;
  /// `successor`, a spare, gets its worker and queues the behavior. Returns when the behavior's
  /// turn has come (bound), or when it is let go (unbound).
  static void freeze(carrier& c, carrier& successor) noexcept;

  /// As freeze(), but the worker goes straight on with `next`, whose carrier waits for one.
  static void swap(carrier& c, task& next) noexcept;

  /// What the carrier that gives its worker away does next: decides where the other one wakes.
  enum class then { sleeps, works };

  /// The calling carrier goes on in its behavior without its worker, which `successor` gets.
  static void unbind(carrier& c, carrier& successor, then giver) noexcept;

  /// As unbind(), but the worker goes on with `next`, whose carrier waits for one.
  static void unbind_for(carrier& c, task& next, then giver) noexcept;

  /// Why a carrier that is unbound waits for a worker.
  enum class back {
    stopped,   ///< its behavior computes: it queues behind the preempted ones
    returned,  ///< from what needed no worker: it queues as a fresh task
    in_need,   ///< as returned; and it cannot go on without one
  };

  /// The calling carrier, which is unbound, waits for a worker. Returns when it has got one, or,
  /// unless it is in need, when it is let go.
  static void rejoin(carrier& c, back why) noexcept;

  /// The behavior of an unbound carrier has ended.
  static void finish(carrier& c) noexcept;

  /// The calling carrier's worker goes to `heir`, which is frozen in the task that is next.
  static void thaw(carrier& c, carrier& heir) noexcept;

  /// The scheduler stops: the calling carrier, in the loop, is done with its worker.
  static void lay_down(carrier& c) noexcept;

  /// The calling carrier has got its worker: makes the thread's own state fit.
  static void settle(carrier& c) noexcept;

  /// Whether the carrier that a task is frozen on can go on without a worker. The caller holds the
  /// lock of the task's queue.
  static bool may_be_let_go(const task& t) noexcept;

  /// Lets that carrier go on without one. The caller has taken the task out of its queue.
  static void let_go(task& t) noexcept;

 private:
  static void give(worker& w, carrier& to, task* current, raw_generator* generator,
                   then giver) noexcept;
  static task& stop_here(carrier& c) noexcept;
  static void resume(worker& w, carrier& heir, then giver) noexcept;
  static void wait(carrier& c) noexcept;
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/carrier_watch.hpp>
#include <troupe/scheduler/internal/cpu_affinity.hpp>
#include <troupe/scheduler/internal/gate.hpp>
#include <troupe/scheduler/internal/raw_generator.hpp>
#include <troupe/scheduler/internal/stack_overflow.hpp>

#include <memory>

namespace troupe::detail {

class scheduler;
class task;
class worker;

/// A kernel thread that carries workers, one at a time.
///
///   | state   | bound | adrift | generator        | what its thread does                      |
///   | bound   | set   | null   | null: worker has | runs the worker's loop and its behaviors  |
///   | spare   | null  | null   | at a loop's top  | waits at its gate, on its own stack       |
///   | frozen  | null  | set    | runs `adrift`    | waits at its gate, in a behavior          |
///   | unbound | null  | set    | runs `adrift`    | goes on in a behavior, without a worker   |
///
///   bound -> frozen (freeze) -> bound (thaw) or unbound (let go); bound -> unbound (unbind) ->
///   frozen (rejoin) or, when the behavior ends, spare; bound -> spare (its worker thaws another
///   carrier); spare -> bound. See hand_over.hpp.
///
/// The members belong to its own thread in the states bound and unbound, and else to whoever owns
/// what it waits for: the task it is frozen in, or its place among the spares.
class carrier {
 public:
  /// The thread is the creator's to start. Throws std::system_error when memory runs out.
  explicit carrier(scheduler& home);
  ~carrier();
  carrier(const carrier&) = delete;
  carrier& operator=(const carrier&) = delete;

  /// What the thread does: carries `bound`, then whatever it is given as a spare, until the
  /// scheduler stops.
  void run() noexcept;

  scheduler& home;
  worker* bound = nullptr;
  task* adrift = nullptr;
  bool in_need = false;  ///< frozen, it cannot go on without a worker: it is not let go
  raw_generator* generator;
  carrier* heir = nullptr;  ///< who gets the worker when the loop has been left for that
  carrier* next_spare = nullptr;
  gate door;
  cpu_affinity cpus;
  root_generator root;  ///< the thread's own stack, left while it runs a loop
  std::unique_ptr<carrier_watch> watch;

 private:
  stack_ptr signal_stack_;
};

/// The carrier that is the calling thread; nullptr on a foreign thread. Out of line and opaque: a
/// context switch may move the caller to another thread between two calls.
carrier* this_carrier() noexcept;

/// The worker that the calling thread carries; nullptr where it carries none. What it says holds to
/// the end of the section it is called in.
worker* this_worker() noexcept;

}  // namespace troupe::detail

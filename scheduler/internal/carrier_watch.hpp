// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the scheduler tells whoever preempts: the layer `preempt` implements it. Without it,
// scheduling is cooperative.

#include <troupe/base/atomic.hpp>

#include <functional>
#include <memory>

namespace troupe::detail {

class carrier;
class scheduler;

/// Keeps an eye on one carrier. All but the destructor and hurry() is called on the carrier's own
/// thread.
class carrier_watch {
 public:
  virtual ~carrier_watch() = default;

  /// The thread has begun; it will end.
  virtual void begin() noexcept = 0;
  virtual void end() noexcept = 0;

  /// The carrier is about to run behaviors of the worker it is bound to. In a section or in the
  /// signal handler.
  virtual void bound() noexcept = 0;
  /// The carrier goes on in a behavior without a worker. As above.
  virtual void unbound() noexcept = 0;
  /// As unbound(), for a carrier that was frozen, and has been let go (scheduler::rescue()).
  virtual void rescued() noexcept = 0;
  /// The carrier is about to give its worker away, or to wait: from now on others write to it. As
  /// above.
  virtual void resting() noexcept = 0;
  /// As resting(), for one that goes on in a behavior, and is about to wait for a worker.
  virtual void returning() noexcept = 0;
  /// As resting(), for a carrier that stops within its signal handler.
  virtual void freezing() noexcept = 0;

  /// The carrier's behavior has just been counted as frozen, and is about to wait for a worker. As
  /// above.
  virtual void frozen() noexcept = 0;

  /// The carrier is between two turns of its worker, or in a yield, to which it comes often enough
  /// to need no signal. In a section.
  virtual void turns_pass(std::uint64_t now_ns) noexcept = 0;

  /// Looks at the carrier within a period, where it was not going to. In a section.
  virtual void look_closely() noexcept = 0;

  /// Looks at the carrier now rather than at its next signal. Any thread.
  virtual void hurry() noexcept = 0;

  /// While it is not set, nothing interrupts the carrier: whoever goes back to work calls bound().
  /// Written by its own thread and signal handler. Who only wants a hint reads it relaxed; see
  /// bound() for the pairs.
  atomic<bool> armed{false};
};

/// Preempts the behaviors of one scheduler.
class preemptor {
 public:
  virtual ~preemptor() = default;

  /// Before the carrier's thread is started.
  virtual std::unique_ptr<carrier_watch> watch(carrier& c) = 0;
  /// After the workers' carriers have been started. Throws std::system_error.
  virtual void start() = 0;
  /// Before the workers stop: no carrier is made from now on.
  virtual void stop() noexcept = 0;

  /// How long a behavior may run on while fresh ones wait, in ns; actors may have their own. Any
  /// thread.
  virtual std::uint64_t fresh_quantum_ns() const noexcept = 0;
};

/// Makes what preempts in a scheduler. Empty: nothing does.
using preemptor_factory = std::function<std::unique_ptr<preemptor>(scheduler&)>;

}  // namespace troupe::detail

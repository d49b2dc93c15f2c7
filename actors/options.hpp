// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/dead_letter.hpp>
#include <troupe/io/reactor_options.hpp>
#include <troupe/mailbox/overflow.hpp>
#include <troupe/preempt/preemption.hpp>
#include <troupe/scheduler/priority.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// An exception that nobody has handled.
struct failure {
  std::uint64_t id;  ///< any_ref::id() of the actor; 0 for a job
  std::string name;  ///< spawn_options::name, or empty
  std::string type;  ///< readable C++ type of the behavior
  std::string what;  ///< the exception's text
};

/// How a system is set up. system's constructor throws std::invalid_argument naming the field when
/// a value is out of range.
struct system_options {
  /// Virtual processors; 0: as many as the machine has cores. 0 to 1024.
  std::size_t workers = 0;
  /// Bytes of stack for behaviors and jobs, touched lazily; rounded up to pages. 16 KiB to 1 GiB.
  std::size_t stack_size = std::size_t{256} * 1024;
  /// Messages that an actor handles before others get a turn. At least 1.
  std::size_t messages_per_activation = 256;
  /// How behaviors that keep their worker from others are stopped; see docs/preemption.md.
  preemption_options preempt{};
  /// How sockets and actors share the workers' time.
  troupe::io::reactor_options io{};
  /// How long the destructor waits for actors to end before it names those that have not.
  std::chrono::milliseconds shutdown_deadline{5000};
  /// Called for each message that could not be delivered, on the thread that noticed it; several
  /// threads at a time. It may send, but neither wait nor destroy a system: where a behavior
  /// notices the dead letter in the middle of a wait, another one throws std::logic_error. What it
  /// throws is dropped.
  std::function<void(const dead_letter&)> on_dead_letter{};
  /// Called for each actor that an exception has ended, and for each exception that left a job
  /// without a counter, on the thread where it happened. When empty, one line goes to stderr. What
  /// it throws is dropped.
  std::function<void(const failure&)> on_failure{};
};

/// How an actor is set up; every field has a default that works. spawn throws std::invalid_argument
/// naming the field when a value is out of range.
struct spawn_options {
  /// For reports and debuggers; need not be unique.
  std::string name{};
  /// Bytes of stack for a direct-style body; 0: the system's stack_size. 16 KiB to 1 GiB. Only 0
  /// for an actor in handler style, which runs on the workers' stacks: system_options::stack_size.
  std::size_t stack_size = 0;
  /// Among the actors that wait for the same worker; see priority. Constant for the actor's life.
  priority prio = priority::normal;
  /// How many user messages may wait, and what becomes of more.
  mailbox_options mailbox{};
  /// Quanta of its own, as in preemption_options; 0: the system's. From the first actor on whose
  /// quantum is shorter than the system's, all behaviors are interrupted at that rate. They mean
  /// nothing where nobody is frozen (preemption::isolate, off). 50 us to 10 s.
  std::chrono::microseconds fresh_quantum{0};
  std::chrono::microseconds batch_quantum{0};
};

/// An actor or job that had not ended when shutdown's deadline passed.
struct survivor {
  std::uint64_t id;   ///< any_ref::id(); 0 for a job
  std::string name;   ///< spawn_options::name, or empty
  std::string type;   ///< readable C++ type of its behavior; "job"
  std::string state;  ///< a to_string(actor_state); "not finished"
};

/// What system::shutdown() leaves behind.
struct shutdown_report {
  /// Those that had not ended at the deadline, in no particular order.
  std::vector<survivor> survivors;
  /// Whether everything has ended.
  bool clean() const noexcept { return survivors.empty(); }
};

}  // namespace troupe

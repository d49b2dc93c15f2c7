// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/stack_slab.hpp>

#include <csignal>
#include <cstddef>
#include <memory>

namespace troupe::detail {

/// Writes who was running on the stack whose stack_base() is given, as "actor 'name' (type)", with
/// a terminating zero, into at most `size` bytes of `buffer`; or leaves it empty when it cannot
/// tell. Returns whether that is somebody who may be given a stack of its own. Called in a signal
/// handler, on the thread that ran out of stack.
using overflow_identity = bool (*)(const void* stack_base, char* buffer, std::size_t size);

/// Makes the overflow of one of our stacks end the process with a report that names the actor, the
/// stack's size and the setting that raises it. All other faults go to the handler that was
/// installed before, or have their default effect. Process-wide; further calls do nothing. Throws
/// std::system_error.
void install_overflow_report();

/// The hook that names who overflowed; nullptr for none. From any thread, at any time.
void set_overflow_identity(overflow_identity) noexcept;

struct stack_releaser {
  void operator()(stack* s) const noexcept { release_stack(s); }
};
using stack_ptr = std::unique_ptr<stack, stack_releaser>;

/// Memory for an alternate_stack: taken ahead by whoever must hear of an error. Throws
/// std::system_error.
stack_ptr make_signal_stack();

/// While it lives, signal handlers that ask for it (SA_ONSTACK) run on a stack of their own on the
/// kernel thread that made it: on an overflown stack a handler could not run at all. Made and
/// destroyed on the same thread; puts back what was there before. Throws std::system_error.
class alternate_stack {
 public:
  explicit alternate_stack(stack_ptr memory = make_signal_stack());
  ~alternate_stack();
  alternate_stack(const alternate_stack&) = delete;
  alternate_stack& operator=(const alternate_stack&) = delete;

 private:
  stack_ptr stack_;
  stack_t before_{};
};

/// For threads that troupe did not start: gives the calling thread an alternate stack until it
/// ends, unless it has one, and installs the report. Cheap when all is done. Throws
/// std::system_error.
void ensure_overflow_report();

}  // namespace troupe::detail

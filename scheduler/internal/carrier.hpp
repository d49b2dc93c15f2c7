// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/raw_generator.hpp>
#include <troupe/scheduler/internal/stack_overflow.hpp>

namespace troupe::detail {

class worker;

/// A kernel thread that carries a worker. Lives on its thread's own stack.
class carrier {
 public:
  /// Adopts the calling thread and binds `w` to it.
  carrier(worker& w, stack_ptr signal_stack) noexcept;
  ~carrier();
  carrier(const carrier&) = delete;
  carrier& operator=(const carrier&) = delete;

  /// Runs the worker's loop until the scheduler stops.
  void run();

  worker* bound = nullptr;
  root_generator root;  ///< the thread's own stack, left while the worker's loop runs

 private:
  alternate_stack signal_stack_;
};

/// The carrier that is the calling thread; nullptr on a foreign thread. Out of line and opaque: a
/// context switch may move the caller to another thread between two calls.
carrier* this_carrier() noexcept;

/// The worker that the calling thread carries; nullptr where it carries none.
worker* this_worker() noexcept;

}  // namespace troupe::detail

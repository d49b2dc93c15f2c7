// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/machine_context.hpp>
#include <troupe/scheduler/internal/stack_slab.hpp>
#include <troupe/scheduler/internal/switch_annotations.hpp>

#include <cstddef>

namespace troupe::detail {

class carrier;

/// What the C++ runtime keeps per thread and a generator must have for itself: the exceptions that
/// are being handled, and the number of those in flight. Layout of the Itanium C++ ABI, 2.2.2.
struct exception_globals {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

/// A stack and the point where it was left: what switch_to() goes from and to.
///
/// It lives at the top of its own stack, as does everything it needs, so that a generator that has
/// just been created touches one page. It is no boost::context::fiber: ~fiber() resumes the stack
/// to unwind it, whereas a generator parked at the top of the scheduler's loop holds nothing, and
/// must be dropped without being run; and a fiber object is replaced at every switch, whereas a
/// generator needs one address for life.
///
/// Not thread-safe: whoever may switch to a generator owns it. Ownership may move to another kernel
/// thread while the generator is suspended.
class raw_generator : private machine_context {
 public:
  /// What runs on the stack. Never returns: it leaves for good by finish(), or is destroyed while
  /// suspended. An exception that leaves it ends the process by std::terminate.
  using entry = void (*)(void* argument);

  /// A suspended generator; the first switch to it calls `run(argument)`. Throws std::system_error
  /// naming the limit when memory or mappings run out.
  static raw_generator* create(std::size_t stack_size, entry run, void* argument,
                               stack_use use = stack_use::worker);

  /// Gives the stack back. The generator is suspended or finished; frames left on it are not
  /// unwound.
  static void destroy(raw_generator*) noexcept;

  raw_generator(const raw_generator&) = delete;
  raw_generator& operator=(const raw_generator&) = delete;

  /// Lowest usable address and usable bytes of the own stack; null and 0 for a root_generator.
  const void* stack_base() const noexcept { return stack_ ? stack_->base() : nullptr; }
  std::size_t stack_size() const noexcept { return stack_ ? stack_->size() : 0; }
  /// The same for all stacks of one size, and for no others.
  const void* stack_kind() const noexcept { return stack_ ? &stack_->pool() : nullptr; }

  /// Let its memory come near, before it is switched to: first its own, then what it will use of
  /// its stack. For guesses, too: stacks stay mapped, and what is read wrongly does no harm.
  void prefetch() const noexcept;
  void prefetch_stack() const noexcept;

  /// The carrier that is stopped in the middle of what runs here; nullptr: whoever owns the
  /// generator may switch to it.
  carrier* frozen_on = nullptr;

  /// For the owner: links generators in a pool.
  raw_generator* link = nullptr;

 protected:
  raw_generator() noexcept = default;
  ~raw_generator() = default;

 private:
  friend struct switch_steps;

  exception_globals exceptions_;
  [[no_unique_address]] floating_point_control floating_point_;
  [[no_unique_address]] switch_annotations annotations_;
  stack* stack_ = nullptr;
  entry run_ = nullptr;
  void* argument_ = nullptr;
};

/// Stands for a stack that is not ours while we are away from it: a kernel thread's own, or
/// whichever one the caller happens to run on. It is used as `from` first.
class root_generator : public raw_generator {
 public:
  root_generator() noexcept = default;
  ~root_generator() = default;
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/raw_generator.hpp>

#include <exception>

namespace troupe::detail {

/// The parts of a switch.
struct switch_steps {
  /// Before the jump: gives `to` its part of the thread's state, and keeps that of `from`. Out of
  /// line, so that the thread-local addresses it needs end here.
  static void exchange_thread_state(raw_generator& from, raw_generator& to) noexcept;

  /// The bottom frame of every stack of ours.
  [[noreturn]] static void start(machine_context& self, machine_context& from) noexcept;

  [[gnu::always_inline]] static void jump(raw_generator& from, raw_generator& to) noexcept {
    auto& left = static_cast<raw_generator&>(machine_context::jump(from, to));
    from.annotations_.arrive(left.annotations_);
  }

  [[gnu::always_inline]] static void leave(raw_generator& from, raw_generator& to) noexcept {
    exchange_thread_state(from, to);
    from.annotations_.leave(to.annotations_);
    jump(from, to);
  }

  [[gnu::always_inline]] static void leave_for_ever(raw_generator& from,
                                                    raw_generator& to) noexcept {
    exchange_thread_state(from, to);
    from.annotations_.leave_for_ever(to.annotations_);
    jump(from, to);
  }
};

/// The only function that switches contexts (with finish(), its last call on a stack). Suspends
/// `from`, which stands for what is running now, and goes on where `to` was left.
///
/// Returns when somebody switches to `from`, perhaps on another kernel thread: thread-local
/// addresses from before are stale. `from` can be switched to only once `to` has gone on, that is,
/// has returned from its own switch_to() or entered its entry function: so it is the code *behind*
/// the switch that publishes `from` to others, never the code before.
///
/// Each generator has its own exceptions in flight and being handled, and its own rounding mode:
/// switching inside a catch block or during unwinding is allowed. `errno` is the thread's, and is
/// not carried over.
///
/// Always inlined: see machine_context.
[[gnu::always_inline]] inline void switch_to(raw_generator& from, raw_generator& to) noexcept {
  switch_steps::leave(from, to);
}

/// Leaves `self`, which is running, for good. Whoever goes on in `next` may destroy `self`.
[[noreturn, gnu::always_inline]] inline void finish(raw_generator& self,
                                                    raw_generator& next) noexcept {
  switch_steps::leave_for_ever(self, next);
  std::terminate();  // a finished generator was switched to
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What tools that watch the stack pointer have to be told about generators. One interface, two
// files: this one under AddressSanitizer or ThreadSanitizer, switch_annotations_off.hpp otherwise.

#include <troupe/base/sanitizer.hpp>

#if !TROUPE_ASAN && !TROUPE_TSAN
#include <troupe/scheduler/internal/switch_annotations_off.hpp>
#else

#if TROUPE_ASAN
#include <sanitizer/common_interface_defs.h>
#else
#include <sanitizer/tsan_interface.h>
#endif

#include <cstddef>

namespace troupe::detail {

/// The member functions around the jump are inlined, because ThreadSanitizer records the calls of
/// each generator: one that is entered on one and left on another would unbalance both.
class switch_annotations {
 public:
  /// A new generator with the usable stack [base, base + size).
  void create(void* base, std::size_t size) noexcept;

  /// The generator is suspended or finished and will not run again. What lies at or above `left_at`
  /// was in use when it was left.
  void destroy(void* base, std::size_t size, void* left_at) noexcept;

  /// On the generator that is left, right before the jump to the one that `to` belongs to.
  [[gnu::always_inline]] void leave(const switch_annotations& to) noexcept;

  /// As leave(), for good.
  [[gnu::always_inline]] void leave_for_ever(const switch_annotations& to) noexcept;

  /// On the generator that goes on (or starts), right after the jump; `from` is the one left.
  [[gnu::always_inline]] void arrive(switch_annotations& from) noexcept;

 private:
#if TROUPE_ASAN
  // Bounds of the stack the generator runs on (learnt at each switch, because a generator may be
  // left from a stack nested in its own), and its fake stack while it is left.
  const void* bottom_ = nullptr;
  std::size_t size_ = 0;
  void* fake_stack_ = nullptr;
#else
  void* fiber_ = nullptr;  ///< ThreadSanitizer's idea of the generator
#endif
};

#if TROUPE_ASAN

inline void switch_annotations::leave(const switch_annotations& to) noexcept {
  __sanitizer_start_switch_fiber(&fake_stack_, to.bottom_, to.size_);
}

inline void switch_annotations::leave_for_ever(const switch_annotations& to) noexcept {
  __sanitizer_start_switch_fiber(nullptr, to.bottom_, to.size_);
}

inline void switch_annotations::arrive(switch_annotations& from) noexcept {
  __sanitizer_finish_switch_fiber(fake_stack_, &from.bottom_, &from.size_);
  fake_stack_ = nullptr;
}

#else

inline void switch_annotations::leave(const switch_annotations& to) noexcept {
  // Not what create() made when the generator is left from a stack nested in its own.
  fiber_ = __tsan_get_current_fiber();
  // Flag 0 orders what was done before the switch before what is done after it: both run on one
  // kernel thread, whose worker-local data needs no further synchronisation.
  __tsan_switch_to_fiber(to.fiber_, 0);
}

inline void switch_annotations::leave_for_ever(const switch_annotations& to) noexcept { leave(to); }

inline void switch_annotations::arrive(switch_annotations&) noexcept {}

#endif

}  // namespace troupe::detail

#endif

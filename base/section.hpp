// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <atomic>

namespace troupe::detail {

/// Twice the depth of the calling thread's no-preempt sections; one less while somebody is to be
/// called when the outermost one ends. So to end that one leaves a negative number, which costs no
/// more to see than the subtraction.
///
/// Plain, not atomic: only its own thread writes it, and a signal handler that uses it runs on that
/// same thread.
extern thread_local constinit int section_state [[gnu::tls_model("initial-exec")]];

constexpr int one_section = 2;  ///< in section_state

/// The outermost section has ended, and somebody is to be called. A signal may come before that,
/// and its handler has sections of its own: so the number may have become 0 again meanwhile, and
/// the call have been made, and it is made once more.
[[gnu::cold]] void make_section_end_call() noexcept;

/// Has `call` called by this thread when its outermost section ends. For a signal handler that has
/// come in a section; one call at a time: while one is due, others are forgotten. It may be made
/// twice. And it may be lost, where the handler interrupts the beginning or the end of a section on
/// a machine, or in a build, that takes several instructions for that.
void call_after_section(void (*call)() noexcept) noexcept;

/// Enters or leaves a section that a context switch may separate: the section is entered on one
/// kernel thread and left on another. Out of line, so that no compiler keeps the thread-local
/// address in a register across the switch.
void enter_section() noexcept;
void leave_section() noexcept;

/// A no-preempt section (rule R1): while one is open on a thread, the code running there is not
/// preempted. Every piece of the runtime that touches worker-local state opens one. Sections nest,
/// are short, and never wait for anything that preemptible code may hold. The enclosed code must
/// not switch contexts; code that does uses enter_section() and leave_section().
class section {
 public:
  // The fences keep the compiler from moving accesses out of the section: the handler that looks at
  // the depth runs on the same thread, so that the processor needs none.
  section() noexcept {
    section_state = section_state + one_section;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~section() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    section_state = section_state - one_section;
    if (section_state < 0) [[unlikely]]
      make_section_end_call();
  }
  section(const section&) = delete;
  section& operator=(const section&) = delete;
};

/// Whether the calling thread is inside a section. Where no switch may come between,
/// `section_state > 0` says the same.
bool in_section() noexcept;

}  // namespace troupe::detail

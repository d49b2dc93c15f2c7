// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <atomic>

namespace troupe::detail {

/// Depth of the calling thread's no-preempt sections.
///
/// Plain, not atomic: only its own thread writes it, and a signal handler that reads it runs on
/// that same thread.
extern thread_local constinit int section_depth [[gnu::tls_model("initial-exec")]];

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
    section_depth = section_depth + 1;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~section() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    section_depth = section_depth - 1;
  }
  section(const section&) = delete;
  section& operator=(const section&) = delete;
};

/// Whether the calling thread is inside a section.
bool in_section() noexcept;

}  // namespace troupe::detail

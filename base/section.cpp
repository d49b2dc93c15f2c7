// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/section.hpp>

namespace troupe::detail {

thread_local constinit int section_state [[gnu::tls_model("initial-exec")]] = 0;

namespace {

using section_call = void (*)() noexcept;
thread_local constinit section_call end_call [[gnu::tls_model("initial-exec")]] = nullptr;

}  // namespace

void call_after_section(void (*call)() noexcept) noexcept {
  if (section_state <= 0 || section_state % one_section != 0) return;
  end_call = call;
  section_state = section_state - 1;
}

[[gnu::noinline]] void make_section_end_call() noexcept {
  section_state = 0;
  end_call();
}

[[gnu::noinline]] void enter_section() noexcept {
  asm volatile("");  // keeps interprocedural analysis from folding two calls into one
  section_state = section_state + one_section;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

[[gnu::noinline]] void leave_section() noexcept {
  asm volatile("");
  std::atomic_signal_fence(std::memory_order_seq_cst);
  section_state = section_state - one_section;
  if (section_state < 0) [[unlikely]]
    make_section_end_call();
}

[[gnu::noinline]] bool in_section() noexcept {
  asm volatile("");
  return section_state > 0;
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/section.hpp>

namespace troupe::detail {

thread_local constinit int section_depth [[gnu::tls_model("initial-exec")]] = 0;

[[gnu::noinline]] void enter_section() noexcept {
  asm volatile("");  // keeps interprocedural analysis from folding two calls into one
  section_depth = section_depth + 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

[[gnu::noinline]] void leave_section() noexcept {
  asm volatile("");
  std::atomic_signal_fence(std::memory_order_seq_cst);
  section_depth = section_depth - 1;
}

[[gnu::noinline]] bool in_section() noexcept {
  asm volatile("");
  return section_depth > 0;
}

}  // namespace troupe::detail

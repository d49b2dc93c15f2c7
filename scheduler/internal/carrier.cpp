// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/carrier.hpp>

#include <troupe/base/section.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <utility>

namespace troupe::detail {
namespace {

thread_local constinit carrier* current [[gnu::tls_model("initial-exec")]] = nullptr;

}  // namespace

carrier::carrier(worker& w, stack_ptr signal_stack) noexcept
    : bound(&w), signal_stack_(std::move(signal_stack)) {
  current = this;
  use_envelope_cache(&w.envelopes());
}

carrier::~carrier() {
  use_envelope_cache(nullptr);
  current = nullptr;
}

void carrier::run() {
  enter_section();
  bound->run(*this);
  leave_section();
}

[[gnu::noinline]] carrier* this_carrier() noexcept {
  asm volatile("");  // no caller may assume that two calls give the same answer
  return current;
}

[[gnu::noinline]] worker* this_worker() noexcept {
  asm volatile("");
  return current != nullptr ? current->bound : nullptr;
}

}  // namespace troupe::detail

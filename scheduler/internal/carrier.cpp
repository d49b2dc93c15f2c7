// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/carrier.hpp>

#include <troupe/base/section.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/hand_over.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <utility>

#include <pthread.h>

namespace troupe::detail {
namespace {

thread_local constinit carrier* current [[gnu::tls_model("initial-exec")]] = nullptr;

}  // namespace

carrier::carrier(scheduler& s)
    : home(s), generator(worker::make_loop(s.stack_size())), signal_stack_(make_signal_stack()) {}

carrier::~carrier() {
  if (generator != nullptr) raw_generator::destroy(generator);
}

void carrier::run() noexcept {
  current = this;
  ::pthread_setname_np(::pthread_self(), "troupe-carrier");  // not its starter's
  cpus.begin();
  enter_section();
  {
    const alternate_stack for_signals(std::move(signal_stack_));
    if (watch != nullptr) watch->begin();
    while (bound != nullptr || home.carriers().rest(*this)) {
      hand_over::settle(*this);
      bound->carry(*this);
      // The loop has been left: its generator is ours, and the worker, if we still had it, the
      // heir's.
      if (heir != nullptr) hand_over::thaw(*this, *std::exchange(heir, nullptr));
    }
    if (watch != nullptr) watch->end();
  }
  leave_section();
  current = nullptr;
}

[[gnu::noinline]] carrier* this_carrier() noexcept {
  asm volatile("");  // no caller may assume that two calls give the same answer
  return current;
}

[[gnu::noinline]] void enter_worker_section() noexcept {
  asm volatile("");
  section_state = section_state + one_section;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (current != nullptr && current->bound == nullptr) [[unlikely]]
    hand_over::rejoin(*current, hand_over::back::in_need);
}

[[gnu::noinline]] worker* this_worker() noexcept {
  asm volatile("");
  return current != nullptr ? current->bound : nullptr;
}

}  // namespace troupe::detail

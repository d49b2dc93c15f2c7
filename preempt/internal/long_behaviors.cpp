// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/long_behaviors.hpp>

#include <troupe/preempt/internal/interruption.hpp>
#include <troupe/scheduler/detail/task.hpp>

namespace troupe::detail {

bool long_behaviors::is_known(std::uintptr_t code) const noexcept {
  const std::size_t n = known_.load_acquire();  // pairs with note()
  for (std::size_t i = 0; i < n; ++i) {
    if (kinds_[i].load_relaxed() == code) return true;  // written before `known_`
  }
  return false;
}

bool long_behaviors::note(const task& t, const interruption& at, std::uint64_t ran_ns,
                          std::uint64_t now) noexcept {
  const task_identity who = t.type.load_relaxed()->identify(t);
  if (is_full() || is_known(who.code)) return true;
  if (now < not_before_ns_.load_relaxed()) return false;  // a hint
  auto expected = state::free;
  if (!state_.compare_exchange_acq_rel(expected, state::filling))
    return false;                         // pairs with done()
  if (is_full() || is_known(who.code)) {  // whoever held the state before us was faster
    state_.store_release(state::free);
    return true;
  }
  run_.id = who.id;
  run_.name.assign(who.name);
  run_.type.assign(who.type);
  run_.ran_ns = ran_ns;
  run_.stack.take(at.context);
  const std::size_t n = known_.load_relaxed();  // ours alone
  kinds_[n].store_relaxed(who.code);
  known_.store_release(n + 1);  // pairs with is_known()
  not_before_ns_.store_relaxed(now + pause_ns);
  state_.store_release(state::filled);  // pairs with get()
  door_.open();
  return true;
}

}  // namespace troupe::detail

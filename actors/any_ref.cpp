// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/any_ref.hpp>

#include <troupe/actors/detail/control_block.hpp>
#include <troupe/actors/exit_reason.hpp>

namespace troupe {

void any_ref::kill() const {
  detail::require_actor(block_);
  detail::post_control(*block_, generation_, detail::envelope_kind::exit,
                       exit_reason(exit_reason::kind::killed));
}

bool any_ref::alive() const noexcept {  // acquires: who sees the end sees what came before it
  // An even one is nobody's: whoever waits in on_dead_letter for what it asks has ended.
  return generation_ % 2 != 0 && block_->generation.load_acquire() == generation_;
}

std::uint64_t any_ref::id() const noexcept {
  if (block_ == nullptr) return 0;
  // Slot numbers begin at 1 here, so that no actor has the empty handle's id.
  return (std::uint64_t{generation_} << 32) | (std::uint64_t{block_->number} + 1);
}

}  // namespace troupe

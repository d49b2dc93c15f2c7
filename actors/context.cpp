// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/context.hpp>

#include <troupe/actors/actor.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/carrier.hpp>

#include <stdexcept>
#include <thread>

namespace troupe {
namespace {

/// Tells `other` that `self` watches it from now on, or no more.
void tell_watched(detail::control_block& self, const any_ref& other, detail::envelope& e) noexcept {
  e.sender = &self;
  e.sender_generation = self.life();
  detail::post_control(*other.block(), other.generation(), e);
}

}  // namespace

context actor_base::self() const {
  if (block_ == nullptr) {
    throw std::logic_error("troupe: self() outside of the actor's life (in its constructor?)");
  }
  return context(*block_);
}

any_ref context::ref() const noexcept { return {detail::unchecked, block_, block_->life()}; }

any_ref context::sender() const noexcept {
  const detail::envelope* const e = block_->current;
  if (e == nullptr || e->sender == nullptr || !e->sender->is_actor) return {};
  return {detail::unchecked, static_cast<detail::control_block*>(e->sender), e->sender_generation};
}

system& context::home() const noexcept { return detail::core_of(*block_).face(); }

io::reactor_ref context::reactor() const {
  const detail::section guard;
  detail::worker* const mine = detail::this_worker();
  return io::detail::reactor::of(mine != nullptr ? *mine : detail::core_of(*block_).next_worker())
      .ref();
}

detail::task& context::task() const noexcept { return *block_; }

void context::yield() { detail::yield_task(*block_); }

void context::quit(const exit_reason& reason) { detail::request_end(*block_, reason); }

void context::monitor(const any_ref& other) {
  detail::require_actor(other.block());
  if (other != ref()) tell_watched(*block_, other, *detail::make_monitor());
}

void context::demonitor(const any_ref& other) {
  detail::require_actor(other.block());
  detail::envelope* const e = detail::acquire_envelope(0);
  e->kind = detail::envelope_kind::demonitor;
  tell_watched(*block_, other, *e);
}

void yield() {
  if (detail::task* const self = detail::current_task()) {
    detail::yield_task(*self);
  } else {
    std::this_thread::yield();
  }
}

}  // namespace troupe

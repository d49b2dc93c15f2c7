// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/post.hpp>

#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>
#include <troupe/base/error.hpp>
#include <troupe/base/section.hpp>
#include <troupe/mailbox/internal/envelope_reserve.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>
#include <troupe/scheduler/internal/carrier.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace troupe::detail {
namespace {

void set_sender(envelope& e, task* sender) noexcept {
  if (sender == nullptr || !sender->is_actor) return;
  const auto& block = *static_cast<control_block*>(sender);
  e.sender = sender;
  // An answer is for whoever waits: when it has ended (in on_dead_letter), for what is left of it.
  e.sender_generation =
      e.kind == envelope_kind::request ? block.generation.load_relaxed() : block.life();  // own
}

/// The send fast path. False: the receiver's life is over, and the envelope still the caller's.
bool try_post(control_block& to, envelope& e) {
  const section guard;
  worker* const w = this_worker();
  set_sender(e, w != nullptr ? w->current() : current_task());
  // A hint that saves the receiver's activation the work; the activation checks again.
  if (to.generation.load_relaxed() != e.target_generation) return false;
  if (to.mailbox.push(e)) {
    if (w != nullptr && &w->home() == to.home.load_relaxed()) {
      w->push(to);
    } else {
      schedule_elsewhere(to);
    }
  }
  if (w != nullptr) w->note_send();
  return true;
}

void deliver_later(task& target, envelope& e) noexcept {
  // To a dead block too: its activation makes the dead letter, outside the timer's section.
  if (bounded_lane* const lane = target.lane.load_acquire()) {  // pairs with claim_block
    force_bounded(static_cast<control_block&>(target), *lane, e);
    return;
  }
  if (target.mailbox.push(e)) schedule(target);
}

/// Any envelope has room for it.
void fill_with_failure(envelope& answer, std::error_code why) noexcept {
  static_assert(envelope_class_for(sizeof why, alignof(std::error_code)) == 0);
  ::new (answer.storage()) std::error_code(why);
  answer.boxed = false;
  answer.type = &message_type_of<std::error_code>;
  answer.kind = envelope_kind::failure;
}

/// Whoever waits for the answer would wait for ever.
[[noreturn]] void end_without_memory() noexcept {
  std::fputs("troupe: no memory is left for the answer to a request that has failed\n", stderr);
  std::abort();
}

}  // namespace

void post_to_the_dead(control_block& to, envelope& e) {
  drop_message(to, e, dead_letter::cause::receiver_ended);
}

void throw_empty_handle() {
  throw std::logic_error("troupe: message to an empty handle, which refers to no actor");
}

[[gnu::noinline]] void post_message(control_block& to, std::uint32_t generation, envelope& e,
                                    std::uint64_t deadline_ns) {
  e.target_generation = generation;
  if (bounded_lane* const lane = to.lane.load_acquire()) [[unlikely]] {  // pairs with claim_block
    set_sender(e, current_task());
    post_bounded(to, *lane, e, deadline_ns);
  } else if (!try_post(to, e)) {
    post_to_the_dead(to, e);
  }
}

bool try_post_message(control_block& to, std::uint32_t generation, envelope_ptr& e) {
  bounded_lane* const lane = to.lane.load_acquire();  // pairs with claim_block
  if (lane == nullptr) {
    post_message(to, generation, *e.release());
    return true;
  }
  e->target_generation = generation;
  set_sender(*e, current_task());
  return try_post_bounded(to, *lane, e, never_ns);
}

void post_request(control_block& to, std::uint32_t generation, envelope& e, std::uint32_t id,
                  std::uint64_t deadline_ns) {
  e.kind = envelope_kind::request;
  e.request_id = id;
  post_message(to, generation, e, deadline_ns);
}

timer_ref post_later(system_core& home, control_block* to, std::uint32_t generation,
                     std::uint64_t deadline_ns, envelope& e) {
  envelope_ptr owned(&e);
  require_actor(to);
  e.target_generation = generation;
  set_sender(e, current_task());
  const timer_ref armed = arm_timer(home, deadline_ns, *to, e, &deliver_later);
  static_cast<void>(owned.release());  // the timer's now
  return armed;
}

void post_control(control_block& to, std::uint32_t generation, envelope& e) noexcept {
  e.target_generation = generation;
  if (to.generation.load_acquire() == generation) {  // a hint, as above
    post_control(static_cast<task&>(to), e);
    return;
  }
  drop_stale_control(to, e);
}

void post_answer(const envelope& request, envelope& answer) noexcept {
  if (answer.kind != envelope_kind::failure) answer.kind = envelope_kind::reply;
  answer.request_id = request.request_id;
  if (request.sender == nullptr) {
    discard_envelope(answer);
  } else if (request.sender->is_actor) {
    post_control(*static_cast<control_block*>(request.sender), request.sender_generation, answer);
  } else {
    post_control(*request.sender, answer);
  }
}

void post_failure(const envelope& request, std::error_code why) noexcept {
  if (request.kind != envelope_kind::request) return;
  envelope* const answer = acquire_reserved_envelope();
  if (answer == nullptr) end_without_memory();
  fill_with_failure(*answer, why);
  post_answer(request, *answer);
}

void end_in_failure(envelope& e, std::error_code why) noexcept {
  if (e.kind != envelope_kind::request) {
    discard_envelope(e);
    return;
  }
  destroy_payload(e);
  fill_with_failure(e, why);
  post_answer(e, e);
}

}  // namespace troupe::detail

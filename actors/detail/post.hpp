// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/clock.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/scheduler/detail/timer.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <cstdint>
#include <system_error>
#include <utility>

namespace troupe {

class any_ref;

namespace detail {

class control_block;
class system_core;

struct unchecked_t {};
inline constexpr unchecked_t unchecked{};

/// Throws std::logic_error when a handle is empty.
inline void require_actor(const control_block* block);
[[noreturn]] void throw_empty_handle();

/// Sends a user message; the running actor, if any, is its sender. Owns `e`. Any thread.
void post_message(control_block& to, std::uint32_t generation, envelope& e,
                  std::uint64_t deadline_ns = never_ns);

/// As post_message, but false for a full mailbox with overflow::fail: the envelope is the caller's
/// then. Else, also when it throws, it is no more.
[[nodiscard]] bool try_post_message(control_block& to, std::uint32_t generation, envelope_ptr& e);

/// As post_message, for a request that is answered to the running actor.
void post_request(control_block& to, std::uint32_t generation, envelope& e, std::uint32_t id,
                  std::uint64_t deadline_ns);

/// As post_message, at the deadline, by a timer of `home`, and past a bound; discarded when `home`
/// stops before that. Throws std::logic_error for no actor, std::system_error. Any thread while
/// `home` lives.
timer_ref post_later(system_core& home, control_block* to, std::uint32_t generation,
                     std::uint64_t deadline_ns, envelope& e);

/// Sends a control envelope to one life of an actor. Owns `e`. Never fails. Any thread.
void post_control(control_block& to, std::uint32_t generation, envelope& e) noexcept;
/// The same, with an envelope of its own. Throws as make_envelope().
template <class Payload>
void post_control(control_block& to, std::uint32_t generation, envelope_kind kind,
                  Payload payload) {
  envelope* const e = make_envelope<Payload>(std::move(payload));
  e->kind = kind;
  post_control(to, generation, *e);
}

/// Answers the request in `request`: with `answer`, which it owns.
void post_answer(const envelope& request, envelope& answer) noexcept;

/// Answers the request in `request` with an error; does nothing when it is no request.
void post_failure(const envelope& request, std::error_code why) noexcept;
/// The same; takes no memory, because a request becomes its answer. Owns `e`.
void end_in_failure(envelope& e, std::error_code why) noexcept;

inline void require_actor(const control_block* block) {
  if (block == nullptr) throw_empty_handle();
}

}  // namespace detail
}  // namespace troupe

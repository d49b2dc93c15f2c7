// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/detail/control_block.hpp>
#include <troupe/actors/detail/wait.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace troupe::detail {

/// Result of an ask that reports errors by code: a value or nothing; for void, whether it was
/// answered.
template <class Result>
using asked = std::conditional_t<std::is_void_v<Result>, bool, std::optional<Result>>;

/// Sends the request and waits for its answer.
template <class Result, class Message>
asked<Result> ask_and_wait(task& self, const any_ref& to, Message&& message,
                           std::uint64_t deadline_ns, std::error_code& error) {
  require_actor(to.block());
  refuse_in_section();  // now: the request must not go out when nobody can wait for its answer
  refuse_nested(self);
  throw_if_ending(self);
  if (to.block() == &self && to.generation() == self.generation.load_relaxed()) {  // own
    error = errc::self_ask;
    return {};
  }
  const std::uint32_t id = self.next_request_id();
  using plain = std::remove_cvref_t<Message>;
  try {
    post_request(*to.block(), to.generation(),
                 *make_envelope<plain>(std::forward<Message>(message)), id, deadline_ns);
  } catch (const std::system_error& e) {  // a bounded mailbox has refused it
    if (e.code() != errc::mailbox_full && e.code() != errc::timeout) throw;
    error = e.code();
    return {};
  }
  const envelope_ptr answer = await_answer(self, id, deadline_ns);
  error = failure_of(answer.get());
  if (error) return {};
  if constexpr (std::is_void_v<Result>) {
    return true;
  } else {
    using plain_result = std::remove_cvref_t<Result>;
    if (answer->type != &message_type_of<plain_result>) {
      error = errc::no_answer;
      return {};
    }
    return std::move(answer->as<plain_result>());
  }
}

[[noreturn]] void throw_ask_error(std::error_code error, const any_ref& to);

/// The throwing form's last step.
template <class Result>
Result value_or_throw(asked<Result>&& outcome, std::error_code error, const any_ref& to) {
  if (error) throw_ask_error(error, to);
  if constexpr (!std::is_void_v<Result>) return std::move(*outcome);
}

}  // namespace troupe::detail

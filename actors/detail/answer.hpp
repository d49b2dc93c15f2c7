// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/detail/post.hpp>

#include <type_traits>
#include <utility>

namespace troupe::detail {

/// Calls `handler` with the payload of `e`; when `e` is a request, answers it with the result.
template <class Message, class Handler>
void call_and_answer(Handler&& handler, envelope& e) {
  using result = std::invoke_result_t<Handler&, Message&&>;
  const auto wants_answer = [&e] { return e.kind == envelope_kind::request; };
  if constexpr (std::is_void_v<result>) {
    handler(std::move(e.as<Message>()));
    if (wants_answer()) post_answer(e, *acquire_envelope(0));
  } else {
    auto&& value = handler(std::move(e.as<Message>()));
    if (wants_answer()) {
      using plain = std::remove_cvref_t<result>;
      post_answer(e, *make_envelope<plain>(std::forward<decltype(value)>(value)));
    }
  }
}

}  // namespace troupe::detail

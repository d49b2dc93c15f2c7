// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <concepts>
#include <type_traits>

namespace troupe::detail {

/// Takes `Result(Message)` apart.
template <class Signature>
struct signature;

template <class Result, class Message>
struct signature<Result(Message)> {
  using result = Result;
  using message = std::remove_cvref_t<Message>;
};

template <class T>
concept message_signature = requires {
  typename signature<T>::message;
};

template <class Message, class Signature>
inline constexpr bool is_for = std::is_same_v<Message, typename signature<Signature>::message>;

/// Whether one of the signatures handles the message type.
template <class Message, class... Signatures>
inline constexpr bool handles = (is_for<Message, Signatures> || ...);

template <class Signature, class... Signatures>
inline constexpr bool contains = (std::is_same_v<Signature, Signatures> || ...);

template <class Message, class... Signatures>
struct result_finder;

template <class Message, class First, class... Rest>
struct result_finder<Message, First, Rest...> {
  using type = typename std::conditional_t<is_for<Message, First>, signature<First>,
                                           result_finder<Message, Rest...>>::result;
  using result = type;
};

template <class Message>
struct result_finder<Message> {
  using result = void;
};

/// What an actor with these signatures answers to the message type.
template <class Message, class... Signatures>
using result_of = typename result_finder<Message, Signatures...>::result;

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <type_traits>

namespace troupe::detail {

/// The message and result types of a callable with one parameter that is not overloaded.
template <class Callable>
struct handler_traits : handler_traits<decltype(&Callable::operator())> {};

template <class Class, class R, class M>
struct handler_traits<R (Class::*)(M)> {
  using result = R;
  using message = std::remove_cvref_t<M>;
};
template <class Class, class R, class M>
struct handler_traits<R (Class::*)(M) const> : handler_traits<R (Class::*)(M)> {};
template <class Class, class R, class M>
struct handler_traits<R (Class::*)(M) noexcept> : handler_traits<R (Class::*)(M)> {};
template <class Class, class R, class M>
struct handler_traits<R (Class::*)(M) const noexcept> : handler_traits<R (Class::*)(M)> {};
template <class R, class M>
struct handler_traits<R(M)> {
  using result = R;
  using message = std::remove_cvref_t<M>;
};
template <class R, class M>
struct handler_traits<R(M) noexcept> : handler_traits<R(M)> {};
template <class R, class M>
struct handler_traits<R (*)(M)> : handler_traits<R(M)> {};
template <class R, class M>
struct handler_traits<R (*)(M) noexcept> : handler_traits<R(M)> {};

}  // namespace troupe::detail

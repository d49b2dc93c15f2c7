// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/detail/answer.hpp>
#include <troupe/actors/detail/handler_traits.hpp>
#include <troupe/actors/detail/wait.hpp>
#include <troupe/base/time_span.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe {

/// A case of receive that takes only messages for which `condition(const M&)` holds. The condition
/// must not wait (std::logic_error): the receive that asks it is waiting already.
template <class Condition, class Handler>
struct when_case {
  Condition condition;
  Handler handler;
};
template <class Condition, class Handler>
when_case<Condition, Handler> when(Condition condition, Handler handler) {
  return {std::move(condition), std::move(handler)};
}

/// The case of receive that is taken when nothing else came for that long.
template <class Handler>
struct after_case {
  std::chrono::nanoseconds wait;
  Handler handler;
};
template <class Handler>
after_case<Handler> after(time_span delay, Handler handler) {
  return {delay, std::move(handler)};
}
inline auto after(time_span delay) {
  return after(delay, [] {});
}

/// A message of whatever type, for the last case of a receive: takes what no other case wants.
class any_message {
 public:
  explicit any_message(detail::envelope& e) noexcept : envelope_(&e) {}
  /// Readable C++ type name.
  std::string type_name() const { return envelope_->type->name(); }
  template <class M>
  const M* get_if() const noexcept {
    return envelope_->type == &detail::message_type_of<M> ? &envelope_->as<M>() : nullptr;
  }

 private:
  detail::envelope* envelope_;
};

namespace detail {

template <class Case>
struct case_traits {
  using message = typename handler_traits<Case>::message;
  static constexpr bool is_after = false;
  static bool accepts(auto&, const message&) { return true; }
  static auto& handler(auto& c) { return c; }
};
template <class Condition, class Handler>
struct case_traits<when_case<Condition, Handler>> {
  using message = typename handler_traits<Handler>::message;
  static constexpr bool is_after = false;
  static bool accepts(auto& c, const message& m) { return c.condition(m); }
  static auto& handler(auto& c) { return c.handler; }
};
template <class Handler>
struct case_traits<after_case<Handler>> {
  static constexpr bool is_after = true;
};

/// A case may be a named constant.
template <class Case>
using traits_of = case_traits<std::remove_const_t<Case>>;

template <class Case>
bool case_accepts(Case& c, envelope& e) {
  using traits = traits_of<Case>;
  if constexpr (traits::is_after) {
    return false;
  } else if constexpr (std::same_as<typename traits::message, any_message>) {
    return e.type != nullptr;
  } else {
    using message = typename traits::message;
    return e.type == &message_type_of<message> && traits::accepts(c, e.as<message>());
  }
}

template <class Case>
void case_handle(Case& c, envelope& e) {
  using traits = traits_of<Case>;
  if constexpr (traits::is_after) {
    return;
  } else if constexpr (std::same_as<typename traits::message, any_message>) {
    any_message message(e);
    traits::handler(c)(message);
    post_failure(e, errc::no_handler);
  } else {
    call_and_answer<typename traits::message>(traits::handler(c), e);
  }
}

template <class Case>
std::uint64_t case_deadline(const Case& c) {
  if constexpr (traits_of<Case>::is_after) {
    return deadline_after(now_ns(), c.wait);
  } else {
    return never_ns;
  }
}

/// Makes an envelope the message being handled, for context::sender().
class handling {
 public:
  handling(control_block& self, envelope& e) noexcept;
  ~handling();
  handling(const handling&) = delete;
  handling& operator=(const handling&) = delete;

 private:
  control_block& self_;
  envelope* outer_;
};

template <class... Cases>
bool receive(control_block& self, Cases&... cases) {
  static_assert((0 + ... + int{traits_of<Cases>::is_after}) <= 1,
                "troupe: a receive takes at most one after(...)");
  std::size_t chosen = sizeof...(Cases);
  auto choose = [&](envelope& e) {
    std::size_t index = 0;
    const auto consider = [&](auto& c) {
      if (!case_accepts(c, e)) {
        ++index;
        return false;
      }
      chosen = index;
      return true;
    };
    return (consider(cases) || ...);
  };
  const envelope_filter filter{&choose, [](void* object, envelope& e) {
                                 return (*static_cast<decltype(choose)*>(object))(e);
                               }};
  const std::uint64_t deadline = std::min({never_ns, case_deadline(cases)...});
  const envelope_ptr taken = take_matching(self, filter, deadline);
  if (taken == nullptr) {
    const auto run_after = [](auto& c) {
      if constexpr (traits_of<std::remove_reference_t<decltype(c)>>::is_after) c.handler();
    };
    (run_after(cases), ...);
    return false;
  }
  const handling scope(self, *taken);
  std::size_t index = 0;
  const auto run_chosen = [&](auto& c) {
    if (index++ == chosen) case_handle(c, *taken);
  };
  try {
    (run_chosen(cases), ...);
  } catch (const actor_exit&) {
    post_failure(*taken, errc::actor_down);
    throw;
  } catch (...) {
    post_failure(*taken, errc::actor_failed);
    throw;
  }
  return true;
}

}  // namespace detail
}  // namespace troupe

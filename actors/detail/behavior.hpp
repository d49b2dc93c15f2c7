// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor_ref.hpp>
#include <troupe/actors/detail/answer.hpp>
#include <troupe/actors/detail/control_block.hpp>
#include <troupe/actors/down.hpp>
#include <troupe/io/socket_messages.hpp>
#include <troupe/io/timeout_messages.hpp>

#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe {

class actor_base;
class context;

namespace detail {

/// Where the behavior object lives: in its block when it fits, else on the heap.
struct behavior_access {
  template <class Behavior>
  static constexpr bool is_inline = sizeof(Behavior) <= control_block::storage_size &&
                                    alignof(Behavior) <= alignof(void*);

  template <class Behavior, class... Args>
  static void construct(control_block& block, Args&&... args) {
    Behavior* behavior = nullptr;
    if constexpr (is_inline<Behavior>) {
      behavior = ::new (static_cast<void*>(block.storage)) Behavior(std::forward<Args>(args)...);
    } else {
      behavior = new Behavior(std::forward<Args>(args)...);
    }
    block.behavior = behavior;
    bind(*behavior, &block);
  }

  template <class Behavior>
  static void destroy(control_block& block) {
    auto* const behavior = static_cast<Behavior*>(block.behavior);
    bind(*behavior, nullptr);
    if constexpr (is_inline<Behavior>) {
      behavior->~Behavior();
    } else {
      delete behavior;
    }
  }

 private:
  template <class Behavior, class Base = actor_base>
  static void bind(Behavior& behavior, control_block* block) noexcept {
    if constexpr (std::is_base_of_v<Base, Behavior>) static_cast<Base&>(behavior).block_ = block;
  }
};

/// Tries one message type; true when it was the one.
template <class Message, class Actor>
bool try_handler(Actor& behavior, envelope& e) {
  if (e.type != &message_type_of<Message>) return false;
  const auto handler = [&behavior](Message&& message) -> decltype(auto) {
    return behavior.on(std::move(message));
  };
  call_and_answer<Message>(handler, e);
  return true;
}

template <class Message, class Actor>
concept has_handler = requires(Actor& behavior, Message&& message) {
  behavior.on(std::move(message));
};

/// Tries what the runtime itself sends to whoever has a handler for it.
template <class... Notices, class Actor>
bool try_notices(Actor& behavior, envelope& e) {
  const auto try_notice = [&]<class Notice>(std::type_identity<Notice>) {
    if constexpr (has_handler<Notice, Actor>) return try_handler<Notice>(behavior, e);
    return false;
  };
  return (try_notice(std::type_identity<Notices>()) || ...);
}

template <class Actor, class Signature>
constexpr void check_handler() {
  using message = typename signature<Signature>::message;
  using result = typename signature<Signature>::result;
  static_assert(has_handler<message, Actor>,
                "troupe: the actor class lacks a handler on(Message) for one of its signatures");
  if constexpr (has_handler<message, Actor>) {
    using actual = decltype(std::declval<Actor&>().on(std::declval<message>()));
    static_assert(std::is_same_v<std::remove_cvref_t<actual>, std::remove_cvref_t<result>>,
                  "troupe: a handler's result differs from the result in the actor's signature");
  }
}

template <class Actor, class... Signatures>
bool handle_message(control_block& block, envelope& e) {
  (check_handler<Actor, Signatures>(), ...);
  auto& behavior = *static_cast<Actor*>(block.behavior);
  return (try_handler<typename signature<Signatures>::message>(behavior, e) || ...) ||
         try_notices<down, io::socket_ready, io::socket_closed, io::timeout>(behavior, e);
}

/// The readable name of a type, without any work at run time: a signal handler may print it.
template <class T>
constexpr std::string_view type_name() noexcept {
  // GCC: "... type_name() [with T = X; std::string_view = ...]"; Clang: "... [T = X]"
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  const std::size_t end = text.rfind("; std::string_view = ");
  return text.substr(0, end != std::string_view::npos ? end : text.size() - 1);
}

// Defined by the runtime: what behavior types consist of beside the behavior's own functions.
void activate_handlers(task& t);
void activate_body(task& t);
void prepare_actor_wait(task& t);
void take_news(task& t);
task_identity identify_actor(const task& t) noexcept;

template <class Actor, class Ref>
struct handler_type_for;
template <class Actor, class... Signatures>
struct handler_type_for<Actor, actor_ref<Signatures...>> {
  static constexpr behavior_type value = {
      {&activate_handlers, &prepare_actor_wait, &take_news, &identify_actor},
      &handle_message<Actor, Signatures...>,
      nullptr,
      &behavior_access::destroy<Actor>,
      type_name<Actor>()};
};
template <class Actor, class Ref>
inline constexpr behavior_type handler_type = handler_type_for<Actor, Ref>::value;

/// A direct-style body and its arguments, until the body has been called.
template <class Body, class... Args>
struct direct_behavior {
  template <class B, class... A>
  explicit direct_behavior(B&& b, A&&... a)
      : body(std::forward<B>(b)), arguments(std::forward<A>(a)...) {}

  void run(context& self) {
    std::apply([&](Args&... args) { std::invoke(body, self, std::move(args)...); }, arguments);
  }

  using body_type = Body;
  [[no_unique_address]] Body body;
  [[no_unique_address]] std::tuple<Args...> arguments;
};

template <class Behavior, class Context = context>  // complete where this is instantiated
void run_body(control_block& block) {
  Context self(block);
  static_cast<Behavior*>(block.behavior)->run(self);
}

template <class Behavior>
inline constexpr behavior_type direct_type = {
    {&activate_body, &prepare_actor_wait, &take_news, &identify_actor},
    nullptr,
    &run_body<Behavior>,
    &behavior_access::destroy<Behavior>,
    type_name<typename Behavior::body_type>()};

}  // namespace detail
}  // namespace troupe

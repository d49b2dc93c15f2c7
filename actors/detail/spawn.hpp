// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor_ref.hpp>
#include <troupe/actors/detail/behavior.hpp>
#include <troupe/actors/options.hpp>

#include <concepts>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe {

class actor_base;

namespace detail {

class system_core;

/// The system that an actor belongs to.
system_core& core_of(const control_block& block) noexcept;

/// A block that is the caller's alone, at the start of a new life. Throws std::system_error
/// (errc::stopping, or the limit that was hit) and std::invalid_argument for options out of range.
control_block& claim_block(system_core& core, const behavior_type& type,
                           const spawn_options& options);
/// Gives a claimed block back: its behavior could not be constructed.
void abandon_block(control_block& block) noexcept;
/// Lets the actor run: from here on it is its own.
void launch(control_block& block) noexcept;

template <class T>
concept handler_style = std::derived_from<T, actor_base>;

template <class T>
inline constexpr bool is_spawn_options = std::is_same_v<std::remove_cvref_t<T>, spawn_options>;

/// Gives up a claimed block unless its behavior came into being.
class claim_guard {
 public:
  explicit claim_guard(control_block& block) noexcept : block_(&block) {}
  ~claim_guard() {
    if (block_ != nullptr) abandon_block(*block_);
  }
  claim_guard(const claim_guard&) = delete;
  claim_guard& operator=(const claim_guard&) = delete;
  void release() noexcept { block_ = nullptr; }

 private:
  control_block* block_;
};

template <class Behavior, class... Args>
any_ref spawn_behavior(system_core& core, const behavior_type& type, const spawn_options& options,
                       Args&&... args) {
  control_block& block = claim_block(core, type, options);
  claim_guard guard(block);
  behavior_access::construct<Behavior>(block, std::forward<Args>(args)...);
  guard.release();
  const any_ref ref(unchecked, &block, block.generation.load_relaxed());  // still ours alone
  launch(block);
  return ref;
}

template <class Actor, class First, class... Rest>
typename Actor::ref spawn_handler(system_core& core, First&& first, Rest&&... rest) {
  using ref = typename Actor::ref;
  if constexpr (is_spawn_options<First>) {
    return spawn_behavior<Actor>(core, handler_type<Actor, ref>, first, std::forward<Rest>(rest)...)
        .template as<ref>();
  } else {
    return spawn_behavior<Actor>(core, handler_type<Actor, ref>, {}, std::forward<First>(first),
                                 std::forward<Rest>(rest)...)
        .template as<ref>();
  }
}
template <class Actor>
typename Actor::ref spawn_handler(system_core& core) {
  using ref = typename Actor::ref;
  return spawn_behavior<Actor>(core, handler_type<Actor, ref>, {}).template as<ref>();
}

/// The handle that spawn answers for a direct-style actor.
template <class... Signatures>
struct direct_ref {
  using type = actor_ref<Signatures...>;
};
template <>
struct direct_ref<> {
  using type = any_ref;
};

template <class... Signatures, class First, class... Rest>
auto spawn_direct(system_core& core, First&& first, Rest&&... rest) {
  using ref = typename direct_ref<Signatures...>::type;
  const auto start = [&core]<class Body, class... Args>(const spawn_options& options, Body&& body,
                                                        Args&&... args) {
    using behavior = direct_behavior<std::decay_t<Body>, std::decay_t<Args>...>;
    static_assert(std::invocable<std::decay_t<Body>&, context&, std::decay_t<Args>...>,
                  "troupe: a direct-style body is called as body(troupe::context&, arguments...)");
    return spawn_behavior<behavior>(core, direct_type<behavior>, options, std::forward<Body>(body),
                                    std::forward<Args>(args)...);
  };
  any_ref spawned;
  if constexpr (is_spawn_options<First>) {
    spawned = start(first, std::forward<Rest>(rest)...);
  } else {
    spawned = start(spawn_options{}, std::forward<First>(first), std::forward<Rest>(rest)...);
  }
  if constexpr (std::is_same_v<ref, any_ref>) {
    return spawned;
  } else {
    return spawned.template as<ref>();
  }
}

}  // namespace detail
}  // namespace troupe

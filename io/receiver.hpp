// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <concepts>
#include <cstdint>

namespace troupe {
class any_ref;
}
namespace troupe::detail {
class task;
}

namespace troupe::io {

/// The actor that gets a reactor's answers: made from any handle. Trivially copyable; may outlive
/// the actor.
class receiver {
 public:
  /// Nobody.
  constexpr receiver() noexcept = default;
  /// The actor behind a handle.
  template <class Ref, class AnyRef = any_ref>  // complete where this is instantiated
  requires std::convertible_to<const Ref&, AnyRef>
  /*implicit*/ receiver(const Ref& actor)
  noexcept
      : receiver(static_cast<AnyRef>(actor).block(), static_cast<AnyRef>(actor).generation()) {}

  /// For the runtime.
  constexpr receiver(troupe::detail::task* task, std::uint32_t generation) noexcept
      : task_(task), generation_(generation) {}
  constexpr troupe::detail::task* task() const noexcept { return task_; }
  constexpr std::uint32_t generation() const noexcept { return generation_; }

 private:
  troupe::detail::task* task_ = nullptr;
  std::uint32_t generation_ = 0;
};

}  // namespace troupe::io

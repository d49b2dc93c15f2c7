// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string>
#include <type_traits>
#include <typeinfo>

namespace troupe::detail {

/// What the runtime knows of a message's C++ type. One constant object per type: its address is the
/// type's identity within the process.
struct message_type {
  const std::type_info* info;
  void (*destroy)(void* object) noexcept;     ///< nullptr: trivially destructible
  void (*free_boxed)(void* object) noexcept;  ///< for a payload that lives on the heap

  /// The type's readable name.
  std::string name() const;
};

template <class M>
constexpr message_type make_message_type() noexcept {
  message_type type{&typeid(M), nullptr,
                    [](void* object) noexcept { delete static_cast<M*>(object); }};
  if constexpr (!std::is_trivially_destructible_v<M>) {
    type.destroy = [](void* object) noexcept { static_cast<M*>(object)->~M(); };
  }
  return type;
}

template <class M>
inline constexpr message_type message_type_of = make_message_type<M>();

/// Readable form of a mangled type name; the name itself where it cannot be read.
std::string readable_name(const std::type_info& info);

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/command.hpp>
#include <examples/kv_server/data/numbers.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

// What the families of commands share: Redis's error texts, and finding a value of the right type.
namespace kv::text {

inline constexpr std::string_view wrong_type =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view not_an_integer = "ERR value is not an integer or out of range";
inline constexpr std::string_view not_positive = "ERR value is out of range, must be positive";
inline constexpr std::string_view syntax = "ERR syntax error";
inline constexpr std::string_view too_long =
    "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view pattern_too_long =
    "ERR pattern exceeds maximum allowed size (max-pattern-length)";
inline constexpr std::string_view channel_too_long =
    "ERR channel name exceeds maximum allowed size (max-channel-length)";
inline constexpr std::string_view too_many_subscriptions =
    "ERR max number of subscriptions reached (max-subscriptions)";
inline constexpr std::string_view out_of_memory = "OOM command not executed: out of memory";

}  // namespace kv::text

namespace kv {

/// What Redis shows of an argument: it prints it as a C string.
[[nodiscard]] inline std::string_view shown(std::string_view argument) {
  return argument.substr(0, argument.find('\0'));
}

/// Answers that `name`, such as "get" or "client|list", was given too many or too few arguments.
void wrong_number_of_arguments(reply_buffer& out, std::string_view name);

/// Answers as a server does that has no such command.
void unknown_command(call& c);

/// The same for a command whose argument 1 says what to do; `name` in small letters.
void unknown_subcommand(call& c, std::string_view name);

/// The answer to the subcommand HELP; `name` in capital letters.
void help(call& c, std::string_view name, std::initializer_list<std::string_view> lines);

/// Whether argument `index`, a pattern, is longer than it may be, which is answered then.
[[nodiscard]] bool too_long_a_pattern(call& c, std::size_t index);

/// Argument `index` as a number; std::nullopt after answering that it is none.
[[nodiscard]] std::optional<std::int64_t> integer_argument(call& c, std::size_t index);

/// The value of a command's key.
template <class T>
struct lookup {
  store::node* key = nullptr;  ///< null: no such key
  T* data = nullptr;
  bool wrong_type = false;  ///< it holds something else, which was answered
};

template <class T>
[[nodiscard]] lookup<T> typed(store::node* key, reply_buffer& out) {
  if (key == nullptr) return {};
  T* const data = key->value.data.template as<T>();
  if (data == nullptr) out.error(text::wrong_type);
  return {key, data, data == nullptr};
}

/// The T under argument 1, for a command that only reads.
template <class T>
[[nodiscard]] lookup<T> to_read(store& keys, call& c) {
  return typed<T>(keys.read(c.arguments.key(1)), c.out);
}

/// The T under argument 1, for a command that changes it.
template <class T>
[[nodiscard]] lookup<T> to_change(store& keys, call& c) {
  return typed<T>(keys.find(c.arguments.key(1)), c.out);
}

/// Calls change(T&) with the T under argument 1, which is added if there is no such key. No empty T
/// stays behind when that throws.
template <class T, class F>
void extend(store& keys, call& c, F&& change) {
  auto found = to_change<T>(keys, c);
  if (found.wrong_type) return;
  if (found.key == nullptr) {
    found.key = keys.insert(c.arguments.key(1), value(T{}));
    found.data = found.key->value.data.template as<T>();
  }
  try {
    change(*found.data);
  } catch (...) {
    if (found.data->empty()) keys.erase(found.key);
    throw;
  }
}

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/store.hpp>
#include <examples/kv_server/protocol/arguments.hpp>
#include <examples/kv_server/protocol/reply_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace kv {

class session;  // a connection as its commands see it; below service/ only its name is known

/// One request being executed: what was asked, and where the answer goes.
struct call {
  kv::arguments arguments;
  reply_buffer& out;
  std::size_t longest_pattern;  ///< bytes: what a match costs grows with the pattern
};

/// What the shards that a command visits bring home for its answer.
struct gathered {
  struct found {
    std::size_t offset = 0;  ///< in `items`
    std::size_t length = 0;
    bool present = false;
  };

  std::int64_t count = 0;
  reply_buffer items;
  std::vector<found> values;  ///< one for each key of the command, in their order
};

/// Which of a command's keys one shard owns.
struct share {
  std::size_t shard = 0;
  std::size_t shards = 1;

  [[nodiscard]] bool owns(std::uint64_t hash) const { return shard_of(hash, shards) == shard; }
};

/// Runs in the shard that owns the key.
struct on_key {
  void (*run)(store&, call&);
};

/// Visits every shard that owns one of the keys, or every shard if the command has none; then makes
/// an answer of what was gathered.
struct on_shards {
  void (*visit)(store&, const call&, share, gathered&);
  void (*finish)(call&, gathered&);
  bool (*valid)(call&) = nullptr;  ///< false after answering what is wrong with the arguments
};

/// Runs in a shard that the arguments name in another way than by a key: SCAN.
struct on_cursor {
  void (*run)(store&, call&, share);
  std::size_t (*shard)(const arguments&, std::size_t shards);  ///< any, if the arguments are wrong
};

/// Runs in the connection's own actor.
struct on_session {
  void (*run)(session&, call&);  ///< null: nothing does but its subcommands
};

/// Whether a command of this arity is complete: see command.
[[nodiscard]] constexpr bool accepts(int arity, std::size_t arguments) {
  const auto count = static_cast<int>(arguments);
  return arity >= 0 ? count == arity : count >= -arity;
}

/// What argument 1 of a command may say.
struct subcommand {
  std::string_view name;  ///< with the command's, as Redis calls it: "client|list"
  int arity = 0;          ///< as the command's, whose name counts as well
  void (*run)(session&, call&);
};

/// Why a command is executed where it is, and what COMMAND says about it.
namespace flag {
inline constexpr unsigned write = 1U << 0U;
inline constexpr unsigned readonly = 1U << 1U;
inline constexpr unsigned fast = 1U << 2U;
inline constexpr unsigned admin = 1U << 3U;
inline constexpr unsigned pubsub = 1U << 4U;
inline constexpr unsigned when_subscribed = 1U << 5U;  ///< allowed in a subscribed connection
}  // namespace flag

/// Where the keys are among the arguments: every `step`-th from `first` to `last`, which counts
/// from the end when it is negative. No keys: all 0.
struct key_positions {
  int first = 0;
  int last = 0;
  int step = 0;
};

struct command {
  std::string_view name;  ///< in small letters
  int arity = 0;          ///< number of arguments, the name included; negative: at least so many
  unsigned flags = 0;
  key_positions keys;
  std::variant<on_key, on_shards, on_cursor, on_session> action;
  std::span<const subcommand> subcommands{};  ///< none for most

  [[nodiscard]] bool accepts(std::size_t arguments) const { return kv::accepts(arity, arguments); }
  /// Null: it has no such subcommand.
  [[nodiscard]] const subcommand* find_subcommand(std::string_view word) const;
};

/// Calls fn(index) for each of the arguments of `which` that is a key.
template <class F>
void for_each_key(const command& which, std::size_t arguments, F&& fn) {
  if (which.keys.first == 0) return;
  const auto count = static_cast<int>(arguments);
  const int last = which.keys.last >= 0 ? which.keys.last : count + which.keys.last;
  for (int i = which.keys.first; i <= last; i += which.keys.step) fn(static_cast<std::size_t>(i));
}

}  // namespace kv

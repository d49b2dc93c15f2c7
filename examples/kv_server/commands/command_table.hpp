// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/command.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace kv {

// The families. Those of connections, of the server and of publish/subscribe are in service/.
[[nodiscard]] std::span<const command> string_commands();
[[nodiscard]] std::span<const command> list_commands();
[[nodiscard]] std::span<const command> set_commands();
[[nodiscard]] std::span<const command> hash_commands();
[[nodiscard]] std::span<const command> key_commands();
[[nodiscard]] std::span<const command> scan_commands();

/// All commands by name. Refers to the families, which must outlive it; unchanging, for any thread.
class command_table {
 public:
  explicit command_table(std::initializer_list<std::span<const command>> families);

  /// The command of this name in any mix of cases; null when there is none.
  [[nodiscard]] const command* find(std::string_view name) const;

  [[nodiscard]] std::span<const command* const> all() const { return all_; }

 private:
  // Open addressing: a free slot ends a search. At most half full.
  static constexpr std::size_t slots = 256;

  std::array<const command*, slots> table_{};
  std::vector<const command*> all_;
};

}  // namespace kv

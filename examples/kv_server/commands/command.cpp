// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command.hpp>
#include <examples/kv_server/data/numbers.hpp>

#include <algorithm>

namespace kv {

const subcommand* command::find_subcommand(std::string_view word) const {
  const auto before = name.size() + 1;
  const auto found = std::find_if(
      subcommands.begin(), subcommands.end(),
      [&](const subcommand& each) { return same_word(each.name.substr(before), word); });
  return found != subcommands.end() ? &*found : nullptr;
}

}  // namespace kv

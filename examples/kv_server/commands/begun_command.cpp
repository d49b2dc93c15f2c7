// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/begun_command.hpp>
#include <examples/kv_server/data/numbers.hpp>

#include <algorithm>

namespace kv {
namespace {

// Null: the command has no such subcommand.
const std::string_view* name_of(const command& what, const arguments& given) {
  const auto& all = what.subcommands;
  if (all.empty() || given.size() < 2) return &what.name;
  const auto before = what.name.size() + 1;
  const auto found = std::find_if(all.begin(), all.end(), [&](std::string_view each) {
    return same_word(each.substr(before), given[1]);
  });
  return found != all.end() ? &*found : nullptr;
}

}  // namespace

void begun_command::set(const command* what, const arguments& given) {
  name_.store(what != nullptr ? name_of(*what, given) : nullptr, std::memory_order_relaxed);
}

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/begun_command.hpp>

namespace kv {
namespace {

// Null: the command has no such subcommand.
const std::string_view* name_of(const command& what, const arguments& given) {
  if (what.subcommands.empty() || given.size() < 2) return &what.name;
  const auto* const found = what.find_subcommand(given[1]);
  return found != nullptr ? &found->name : nullptr;
}

}  // namespace

void begun_command::set(const command* what, const arguments& given) {
  name_.store(what != nullptr ? name_of(*what, given) : nullptr, std::memory_order_relaxed);
}

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/data/numbers.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace kv {
namespace {

// FNV-1a of the letters, capital or not: the bit that tells them apart is set in all of them.
std::size_t slot_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ (static_cast<unsigned char>(c) | 0x20U)) * 16777619U;
  return hash ^ (hash >> 16U);
}

}  // namespace

command_table::command_table(std::initializer_list<std::span<const command>> families) {
  for (const auto family : families) {
    for (const auto& each : family) {
      if (2 * all_.size() >= slots || find(each.name) != nullptr) {
        throw std::logic_error("command_table: no room, or two of: " + std::string(each.name));
      }
      all_.push_back(&each);
      auto slot = slot_of(each.name);
      while (table_[slot % slots] != nullptr) ++slot;
      table_[slot % slots] = &each;
    }
  }
}

const command* command_table::find(std::string_view name) const {
  for (auto slot = slot_of(name);; ++slot) {
    const command* const at = table_[slot % slots];
    if (at == nullptr || same_word(at->name, name)) return at;
  }
}

}  // namespace kv

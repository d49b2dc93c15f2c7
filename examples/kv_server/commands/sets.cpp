// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/commands/support.hpp>

#include <array>
#include <cstdint>

namespace kv {
namespace {

void sadd(store& keys, call& c) {
  extend<set_value>(keys, c, [&c](set_value& members) {
    std::int64_t added = 0;
    for (std::size_t i = 2; i < c.arguments.size(); ++i) {
      const auto member = hashed(c.arguments[i]);
      if (members.find(member) != nullptr) continue;
      members.insert(member, {});
      ++added;
    }
    c.out.integer(added);
  });
}

void srem(store& keys, call& c) {
  const auto found = to_change<set_value>(keys, c);
  if (found.wrong_type) return;
  std::int64_t removed = 0;
  for (std::size_t i = 2; found.key != nullptr && i < c.arguments.size(); ++i) {
    removed += found.data->erase(hashed(c.arguments[i])) ? 1 : 0;
  }
  if (found.key != nullptr && found.data->empty()) keys.erase(found.key);
  c.out.integer(removed);
}

void smembers(store& keys, call& c) {
  const auto found = to_read<set_value>(keys, c);
  if (found.wrong_type) return;
  if (found.key == nullptr) return c.out.array(0);
  c.out.array(found.data->size());
  found.data->for_each([&](const set_value::node& each) { c.out.bulk(each.key); });
}

void sismember(store& keys, call& c) {
  const auto found = to_read<set_value>(keys, c);
  if (found.wrong_type) return;
  const bool member = found.key != nullptr && found.data->find(hashed(c.arguments[2])) != nullptr;
  c.out.integer(member ? 1 : 0);
}

void scard(store& keys, call& c) {
  const auto found = to_read<set_value>(keys, c);
  if (found.wrong_type) return;
  c.out.integer(found.key != nullptr ? static_cast<std::int64_t>(found.data->size()) : 0);
}

constexpr key_positions one_key{1, 1, 1};

constexpr std::array all{
    command{"sadd", -3, flag::write | flag::fast, one_key, on_key{sadd}},
    command{"scard", 2, flag::readonly | flag::fast, one_key, on_key{scard}},
    command{"sismember", 3, flag::readonly | flag::fast, one_key, on_key{sismember}},
    command{"smembers", 2, flag::readonly, one_key, on_key{smembers}},
    command{"srem", -3, flag::write | flag::fast, one_key, on_key{srem}},
};

}  // namespace

std::span<const command> set_commands() { return all; }

}  // namespace kv

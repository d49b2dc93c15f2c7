// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/commands/support.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace kv {
namespace {

void hset(store& keys, call& c) {
  if (c.arguments.size() % 2 == 1) return wrong_number_of_arguments(c.out, "hset");
  extend<hash_value>(keys, c, [&c](hash_value& fields) {
    std::int64_t added = 0;
    for (std::size_t i = 2; i < c.arguments.size(); i += 2) {
      const auto field = hashed(c.arguments[i]);
      if (auto* const old = fields.find(field)) {
        old->value.assign(c.arguments[i + 1]);
      } else {
        fields.insert(field, std::string(c.arguments[i + 1]));
        ++added;
      }
    }
    c.out.integer(added);
  });
}

void hget(store& keys, call& c) {
  const auto found = to_read<hash_value>(keys, c);
  if (found.wrong_type) return;
  const auto* const field =
      found.key != nullptr ? found.data->find(hashed(c.arguments[2])) : nullptr;
  field != nullptr ? c.out.bulk(field->value) : c.out.null();
}

void hdel(store& keys, call& c) {
  const auto found = to_change<hash_value>(keys, c);
  if (found.wrong_type) return;
  std::int64_t removed = 0;
  for (std::size_t i = 2; found.key != nullptr && i < c.arguments.size(); ++i) {
    removed += found.data->erase(hashed(c.arguments[i])) ? 1 : 0;
  }
  if (found.key != nullptr && found.data->empty()) keys.erase(found.key);
  c.out.integer(removed);
}

void hgetall(store& keys, call& c) {
  const auto found = to_read<hash_value>(keys, c);
  if (found.wrong_type) return;
  if (found.key == nullptr) return c.out.array(0);
  c.out.array(2 * found.data->size());
  found.data->for_each([&](const hash_value::node& each) {
    c.out.bulk(each.key);
    c.out.bulk(each.value);
  });
}

void hexists(store& keys, call& c) {
  const auto found = to_read<hash_value>(keys, c);
  if (found.wrong_type) return;
  const bool there = found.key != nullptr && found.data->find(hashed(c.arguments[2])) != nullptr;
  c.out.integer(there ? 1 : 0);
}

void hlen(store& keys, call& c) {
  const auto found = to_read<hash_value>(keys, c);
  if (found.wrong_type) return;
  c.out.integer(found.key != nullptr ? static_cast<std::int64_t>(found.data->size()) : 0);
}

constexpr key_positions one_key{1, 1, 1};

constexpr std::array all{
    command{"hdel", -3, flag::write | flag::fast, one_key, on_key{hdel}},
    command{"hexists", 3, flag::readonly | flag::fast, one_key, on_key{hexists}},
    command{"hget", 3, flag::readonly | flag::fast, one_key, on_key{hget}},
    command{"hgetall", 2, flag::readonly, one_key, on_key{hgetall}},
    command{"hlen", 2, flag::readonly | flag::fast, one_key, on_key{hlen}},
    command{"hset", -4, flag::write | flag::fast, one_key, on_key{hset}},
};

}  // namespace

std::span<const command> hash_commands() { return all; }

}  // namespace kv

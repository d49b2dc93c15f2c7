// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/commands/support.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace kv {
namespace {

enum class end : std::uint8_t { left, right };

template <end Where>
void push(store& keys, call& c) {
  extend<list_value>(keys, c, [&c](list_value& list) {
    for (std::size_t i = 2; i < c.arguments.size(); ++i) {
      if constexpr (Where == end::left) {
        list.emplace_front(c.arguments[i]);
      } else {
        list.emplace_back(c.arguments[i]);
      }
    }
    c.out.integer(static_cast<std::int64_t>(list.size()));
  });
}

template <end Where>
void pop_one(list_value& from, reply_buffer& out) {
  if constexpr (Where == end::left) {
    out.bulk(from.front());
    from.pop_front();
  } else {
    out.bulk(from.back());
    from.pop_back();
  }
}

template <end Where>
void pop(store& keys, call& c) {
  if (c.arguments.size() > 3) return wrong_number_of_arguments(c.out, lowercase(c.arguments[0]));
  const bool several = c.arguments.size() == 3;
  std::int64_t most = 1;
  if (several) {
    const auto number = parse_integer(c.arguments[2]);
    if (!number || *number < 0) return c.out.error(text::not_positive);
    most = *number;
  }
  const auto found = to_change<list_value>(keys, c);
  if (found.wrong_type) return;
  if (found.key == nullptr) return several ? c.out.null_array() : c.out.null();
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(most), found.data->size());
  if (several) c.out.array(count);
  for (std::size_t i = 0; i < count; ++i) pop_one<Where>(*found.data, c.out);
  if (found.data->empty()) keys.erase(found.key);
}

void lrange(store& keys, call& c) {
  const auto from = integer_argument(c, 2);
  if (!from) return;
  const auto to = integer_argument(c, 3);
  if (!to) return;
  const auto found = to_read<list_value>(keys, c);
  if (found.wrong_type) return;
  const auto size = found.key != nullptr ? static_cast<std::int64_t>(found.data->size()) : 0;
  const auto first = std::max<std::int64_t>(*from < 0 ? *from + size : *from, 0);
  const auto last = std::min(*to < 0 ? *to + size : *to, size - 1);
  if (first > last) return c.out.array(0);
  c.out.array(static_cast<std::size_t>(last - first + 1));
  for (auto i = first; i <= last; ++i) c.out.bulk((*found.data)[static_cast<std::size_t>(i)]);
}

void llen(store& keys, call& c) {
  const auto found = to_read<list_value>(keys, c);
  if (found.wrong_type) return;
  c.out.integer(found.key != nullptr ? static_cast<std::int64_t>(found.data->size()) : 0);
}

constexpr key_positions one_key{1, 1, 1};

constexpr std::array all{
    command{"llen", 2, flag::readonly | flag::fast, one_key, on_key{llen}},
    command{"lpop", -2, flag::write | flag::fast, one_key, on_key{pop<end::left>}},
    command{"lpush", -3, flag::write | flag::fast, one_key, on_key{push<end::left>}},
    command{"lrange", 4, flag::readonly, one_key, on_key{lrange}},
    command{"rpop", -2, flag::write | flag::fast, one_key, on_key{pop<end::right>}},
    command{"rpush", -3, flag::write | flag::fast, one_key, on_key{push<end::right>}},
};

}  // namespace

std::span<const command> list_commands() { return all; }

}  // namespace kv

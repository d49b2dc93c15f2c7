// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/commands/support.hpp>
#include <examples/kv_server/data/glob.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace kv {
namespace {

// What a client holds between two steps: the shard, and the high 48 bits of the hash from which on
// its keys are still to be visited. No cursor of a scan that goes on is 0.
struct cursor {
  std::size_t shard = 0;
  std::uint64_t hash = 0;

  static constexpr unsigned hash_bits = 48;

  explicit cursor(std::uint64_t number)
      : shard(static_cast<std::size_t>(number >> hash_bits)), hash(number << (64 - hash_bits)) {}

  [[nodiscard]] std::int64_t number() const {
    return static_cast<std::int64_t>((std::uint64_t{shard} << hash_bits) |
                                     (hash >> (64 - hash_bits)));
  }

  // To the next entry, and to the next shard after the last.
  void advance(std::uint64_t next_hash, std::size_t shards) {
    hash = next_hash;
    if (hash == 0) shard = (shard + 1) % shards;
  }
};

// As strtoul() sees it, like Redis: nothing is 0, and a sign is taken.
std::optional<cursor> parse_cursor(std::string_view text) {
  if (text.empty()) return cursor(0);
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return cursor(negative ? -number : number);
}

struct scan_options {
  std::string_view match = "*";
  std::string_view type;
  std::int64_t count = 10;
};

bool parse_scan_options(call& c, scan_options& options) {
  for (std::size_t i = 2; i < c.arguments.size(); i += 2) {
    const auto word = c.arguments[i];
    const bool has_value = i + 1 < c.arguments.size();
    if (has_value && same_word(word, "count")) {
      const auto count = integer_argument(c, i + 1);
      if (!count) return false;
      options.count = *count;
    } else if (has_value && same_word(word, "match")) {
      if (too_long_a_pattern(c, i + 1)) return false;
      options.match = c.arguments[i + 1];
    } else if (has_value && same_word(word, "type")) {
      options.type = c.arguments[i + 1];
    } else {
      options.count = 0;
    }
    if (options.count < 1) {
      c.out.error(text::syntax);
      return false;
    }
  }
  return true;
}

// `pattern` is that of the options.
bool selected(const scan_options& options, glob& pattern, const store::node& key) {
  if (options.match != "*" && !pattern.matches(key.key)) return false;
  return options.type.empty() || same_word(options.type, key.value.data.type_name());
}

void scan(store& keys, call& c, share mine) {
  auto at = parse_cursor(c.arguments[1]);
  if (!at) return c.out.error("ERR invalid cursor");
  scan_options options;
  if (!parse_scan_options(c, options)) return;
  glob pattern(options.match);
  reply_buffer items;
  std::int64_t visited = 0;
  std::size_t found = 0;
  at->shard = mine.shard;  // another one only if no scan ever returned this cursor
  // A sparse table must not keep the others waiting: as in Redis, ten buckets for each key wanted.
  auto buckets_left = options.count > INT64_MAX / 10 ? INT64_MAX : 10 * options.count;
  do {
    const auto next = keys.scan(at->hash, [&](const store::node& each) {
      ++visited;
      if (!selected(options, pattern, each)) return;
      items.bulk(each.key);
      ++found;
    });
    at->advance(next, mine.shards);
  } while (at->hash != 0 && visited < options.count && --buckets_left != 0);
  c.out.array(2);
  c.out.bulk_integer(at->number());
  c.out.array(found);
  c.out.raw(items.view());
}

std::size_t scan_shard(const arguments& given, std::size_t shards) {
  const auto at = parse_cursor(given[1]);
  return at && at->shard < shards ? at->shard : shards - 1;
}

constexpr std::array all{
    command{"scan", -2, flag::readonly, {}, on_cursor{scan, scan_shard}},
};

}  // namespace

std::span<const command> scan_commands() { return all; }

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/commands/expire_time.hpp>
#include <examples/kv_server/commands/support.hpp>

#include <array>
#include <charconv>
#include <limits>
#include <string>

namespace kv {
namespace {

// Overwrites in place: a value that is set again and again costs no allocation.
void set_text(std::string& old, std::string_view text) {
  constexpr std::size_t much = 4096;
  if (old.capacity() > much && text.size() < old.capacity() / 4) {
    old = std::string(text);
  } else {
    old.assign(text);
  }
}

// Makes `key`, whose entry is `old` unless that is null, stand for `text`.
store::node* put(store& keys, hashed_key key, store::node* old, std::string_view text) {
  if (old == nullptr) return keys.insert(key, value(std::string(text)));
  if (auto* const string = old->value.data.as<std::string>()) {
    set_text(*string, text);
  } else {
    old->value.data = value(std::string(text));
  }
  return old;
}

void get(store& keys, call& c) {
  const auto found = to_read<std::string>(keys, c);
  if (found.wrong_type) return;
  found.key != nullptr ? c.out.bulk(*found.data) : c.out.null();
}

void getdel(store& keys, call& c) {
  const auto found = to_read<std::string>(keys, c);
  if (found.wrong_type) return;
  found.key != nullptr ? c.out.bulk(*found.data) : c.out.null();
  if (found.key != nullptr) keys.erase(found.key);
}

struct set_options {
  bool if_new = false;
  bool if_there = false;
  bool keep_expiry = false;
  bool get_old = false;
  std::size_t time = 0;  // the argument that says when it expires; 0: none
  expire_unit unit = expire_unit::seconds;
};

// False: not a valid combination.
bool parse_set_options(const arguments& given, set_options& options) {
  for (std::size_t i = 3; i < given.size(); ++i) {
    const auto word = given[i];
    if (same_word(word, "nx") && !options.if_there) {
      options.if_new = true;
    } else if (same_word(word, "xx") && !options.if_new) {
      options.if_there = true;
    } else if (same_word(word, "get")) {
      options.get_old = true;
    } else if (same_word(word, "keepttl") && options.time == 0) {
      options.keep_expiry = true;
    } else if (const auto unit = expire_unit_named(word);
               unit && !options.keep_expiry && i + 1 < given.size() &&
               (options.time == 0 || options.unit == *unit)) {
      options.unit = *unit;
      options.time = ++i;
    } else {
      return false;
    }
  }
  return true;
}

void set(store& keys, call& c) {
  set_options options;
  if (!parse_set_options(c.arguments, options)) return c.out.error(text::syntax);
  auto expires_at = entry::never;
  if (options.time != 0) {
    const auto when = expire_time(c, options.time, options.unit, keys.now());
    if (!when) return;
    expires_at = *when;
  }
  const auto key = c.arguments.key(1);
  auto* entry = keys.find(key);
  if (options.get_old) {
    const auto old = typed<std::string>(entry, c.out);
    if (old.wrong_type) return;
    entry != nullptr ? c.out.bulk(*old.data) : c.out.null();
  }
  if ((options.if_new && entry != nullptr) || (options.if_there && entry == nullptr)) {
    if (!options.get_old) c.out.null();
    return;
  }
  entry = put(keys, key, entry, c.arguments[2]);
  if (expires_at != entry::never) {
    keys.set_expiry(entry, expires_at);
  } else if (!options.keep_expiry) {
    keys.clear_expiry(entry);
  }
  if (!options.get_old) c.out.ok();
}

void add(store& keys, call& c, std::int64_t amount) {
  const auto found = to_change<std::string>(keys, c);
  if (found.wrong_type) return;
  std::int64_t number = 0;
  if (found.key != nullptr) {
    const auto old = parse_integer(*found.data);
    if (!old) return c.out.error(text::not_an_integer);
    number = *old;
  }
  if (__builtin_add_overflow(number, amount, &number)) {
    return c.out.error("ERR increment or decrement would overflow");
  }
  std::array<char, 24> digits{};
  const char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  put(keys, c.arguments.key(1), found.key, text);
  c.out.integer(number);
}

void incr(store& keys, call& c) { add(keys, c, 1); }
void decr(store& keys, call& c) { add(keys, c, -1); }

void incrby(store& keys, call& c) {
  if (const auto amount = integer_argument(c, 2)) add(keys, c, *amount);
}

void decrby(store& keys, call& c) {
  const auto amount = integer_argument(c, 2);
  if (!amount) return;
  if (*amount == std::numeric_limits<std::int64_t>::min()) {
    return c.out.error("ERR decrement would overflow");
  }
  add(keys, c, -*amount);
}

void append(store& keys, call& c) {
  const auto found = to_change<std::string>(keys, c);
  if (found.wrong_type) return;
  const auto more = c.arguments[2];
  if (found.key == nullptr) {
    put(keys, c.arguments.key(1), nullptr, more);
    return c.out.integer(static_cast<std::int64_t>(more.size()));
  }
  if (found.data->size() + more.size() > keys.longest_string()) {
    return c.out.error(text::too_long);
  }
  found.data->append(more);
  c.out.integer(static_cast<std::int64_t>(found.data->size()));
}

void strlen(store& keys, call& c) {
  const auto found = to_read<std::string>(keys, c);
  if (found.wrong_type) return;
  c.out.integer(found.key != nullptr ? static_cast<std::int64_t>(found.data->size()) : 0);
}

// Keys that hold something else than a string count as missing here.
void mget_visit(store& keys, const call& c, share mine, gathered& all) {
  all.values.resize(c.arguments.size() - 1);
  for (std::size_t i = 1; i < c.arguments.size(); ++i) {
    const auto key = c.arguments.key(i);
    if (!mine.owns(key.hash)) continue;
    auto* const found = keys.read(key);
    const auto* const string = found != nullptr ? found->value.data.as<std::string>() : nullptr;
    if (string == nullptr) continue;
    all.values[i - 1] = {all.items.size(), string->size(), true};
    all.items.raw(*string);
  }
}

void mget_finish(call& c, gathered& all) {
  c.out.array(all.values.size());
  for (const auto& each : all.values) {
    each.present ? c.out.bulk(all.items.view().substr(each.offset, each.length)) : c.out.null();
  }
}

bool mset_valid(call& c) {
  if (c.arguments.size() % 2 == 1) return true;
  wrong_number_of_arguments(c.out, "mset");
  return false;
}

void mset_visit(store& keys, const call& c, share mine, gathered& /*all*/) {
  for (std::size_t i = 1; i < c.arguments.size(); i += 2) {
    const auto key = c.arguments.key(i);
    if (!mine.owns(key.hash)) continue;
    keys.clear_expiry(put(keys, key, keys.find(key), c.arguments[i + 1]));
  }
}

void mset_finish(call& c, gathered& /*all*/) { c.out.ok(); }

constexpr key_positions one_key{1, 1, 1};

constexpr std::array all{
    command{"append", 3, flag::write | flag::fast, one_key, on_key{append}},
    command{"decr", 2, flag::write | flag::fast, one_key, on_key{decr}},
    command{"decrby", 3, flag::write | flag::fast, one_key, on_key{decrby}},
    command{"get", 2, flag::readonly | flag::fast, one_key, on_key{get}},
    command{"getdel", 2, flag::write | flag::fast, one_key, on_key{getdel}},
    command{"incr", 2, flag::write | flag::fast, one_key, on_key{incr}},
    command{"incrby", 3, flag::write | flag::fast, one_key, on_key{incrby}},
    command{
        "mget", -2, flag::readonly | flag::fast, {1, -1, 1}, on_shards{mget_visit, mget_finish}},
    command{"mset", -3, flag::write, {1, -1, 2}, on_shards{mset_visit, mset_finish, mset_valid}},
    command{"set", -3, flag::write, one_key, on_key{set}},
    command{"strlen", 2, flag::readonly | flag::fast, one_key, on_key{strlen}},
};

}  // namespace

std::span<const command> string_commands() { return all; }

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/commands/expire_time.hpp>
#include <examples/kv_server/commands/support.hpp>
#include <examples/kv_server/data/glob.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace kv {
namespace {

void del_visit(store& keys, const call& c, share mine, gathered& all) {
  for (std::size_t i = 1; i < c.arguments.size(); ++i) {
    const auto key = c.arguments.key(i);
    auto* const found = mine.owns(key.hash) ? keys.find(key) : nullptr;
    if (found == nullptr) continue;
    keys.erase(found);
    ++all.count;
  }
}

// A key that is named twice counts twice.
void exists_visit(store& keys, const call& c, share mine, gathered& all) {
  for (std::size_t i = 1; i < c.arguments.size(); ++i) {
    const auto key = c.arguments.key(i);
    if (mine.owns(key.hash) && keys.read(key) != nullptr) ++all.count;
  }
}

void count_finish(call& c, gathered& all) { c.out.integer(all.count); }

struct expire_options {
  bool if_none = false;
  bool if_some = false;
  bool if_later = false;
  bool if_sooner = false;
};

bool parse_expire_options(call& c, expire_options& options) {
  for (std::size_t i = 3; i < c.arguments.size(); ++i) {
    const auto word = c.arguments[i];
    if (same_word(word, "nx")) {
      options.if_none = true;
    } else if (same_word(word, "xx")) {
      options.if_some = true;
    } else if (same_word(word, "gt")) {
      options.if_later = true;
    } else if (same_word(word, "lt")) {
      options.if_sooner = true;
    } else {
      c.out.error("ERR Unsupported option " + std::string(shown(word)));
      return false;
    }
  }
  if (options.if_none && (options.if_some || options.if_later || options.if_sooner)) {
    c.out.error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return false;
  }
  if (options.if_later && options.if_sooner) {
    c.out.error("ERR GT and LT options at the same time are not compatible");
    return false;
  }
  return true;
}

// A key that never expires counts as expiring after any time.
bool allowed(const expire_options& options, milliseconds_since_epoch old,
             milliseconds_since_epoch when) {
  const bool never = old == entry::never;
  if (options.if_none && !never) return false;
  if (options.if_some && never) return false;
  if (options.if_later && (never || when <= old)) return false;
  return !options.if_sooner || never || when < old;
}

template <expire_unit Unit>
void expire(store& keys, call& c) {
  expire_options options;
  if (!parse_expire_options(c, options)) return;
  const auto when = expire_time_or_past(c, 2, Unit, keys.now());
  if (!when) return;
  auto* const key = keys.find(c.arguments.key(1));
  if (key == nullptr || !allowed(options, key->value.expires_at, *when)) return c.out.integer(0);
  if (*when <= keys.now()) {
    keys.erase(key);
  } else {
    keys.set_expiry(key, *when);
  }
  c.out.integer(1);
}

template <std::int64_t Unit>
void ttl(store& keys, call& c) {
  const auto* const key = keys.read(c.arguments.key(1));
  if (key == nullptr) return c.out.integer(-2);
  if (key->value.expires_at == entry::never) return c.out.integer(-1);
  c.out.integer((key->value.expires_at - keys.now() + Unit / 2) / Unit);
}

void persist(store& keys, call& c) {
  auto* const key = keys.find(c.arguments.key(1));
  const bool expiring = key != nullptr && key->value.expires_at != entry::never;
  if (expiring) keys.clear_expiry(key);
  c.out.integer(expiring ? 1 : 0);
}

void type(store& keys, call& c) {
  const auto* const key = keys.read(c.arguments.key(1));
  c.out.simple(key != nullptr ? key->value.data.type_name() : "none");
}

bool keys_valid(call& c) { return !too_long_a_pattern(c, 1); }

void keys_visit(store& keys, const call& c, share /*mine*/, gathered& all) {
  glob pattern(c.arguments[1]);
  const bool any = c.arguments[1] == "*";  // the empty key too, which does not match it otherwise
  keys.for_each([&](const store::node& each) {
    if (!any && !pattern.matches(each.key)) return;
    all.items.bulk(each.key);
    ++all.count;
  });
}

void keys_finish(call& c, gathered& all) {
  c.out.array(static_cast<std::size_t>(all.count));
  c.out.raw(all.items.view());
}

void dbsize_visit(store& keys, const call& /*c*/, share /*mine*/, gathered& all) {
  all.count += static_cast<std::int64_t>(keys.size());
}

bool flush_valid(call& c) {
  const bool valid = c.arguments.size() == 1 ||
                     (c.arguments.size() == 2 &&
                      (same_word(c.arguments[1], "async") || same_word(c.arguments[1], "sync")));
  if (!valid) c.out.error(text::syntax);
  return valid;
}

void flush_visit(store& keys, const call& /*c*/, share /*mine*/, gathered& /*all*/) {
  keys.flush();
}

void flush_finish(call& c, gathered& /*all*/) { c.out.ok(); }

constexpr key_positions no_keys{};
constexpr key_positions one_key{1, 1, 1};
constexpr key_positions all_keys{1, -1, 1};

constexpr std::array all{
    command{"dbsize", 1, flag::readonly | flag::fast, no_keys,
            on_shards{dbsize_visit, count_finish}},
    command{"del", -2, flag::write, all_keys, on_shards{del_visit, count_finish}},
    command{"exists", -2, flag::readonly | flag::fast, all_keys,
            on_shards{exists_visit, count_finish}},
    command{"expire", -3, flag::write | flag::fast, one_key, on_key{expire<expire_unit::seconds>}},
    command{"flushall", -1, flag::write, no_keys,
            on_shards{flush_visit, flush_finish, flush_valid}},
    command{"flushdb", -1, flag::write, no_keys, on_shards{flush_visit, flush_finish, flush_valid}},
    command{"keys", 2, flag::readonly, no_keys, on_shards{keys_visit, keys_finish, keys_valid}},
    command{"persist", 2, flag::write | flag::fast, one_key, on_key{persist}},
    command{"pexpire", -3, flag::write | flag::fast, one_key,
            on_key{expire<expire_unit::milliseconds>}},
    command{"pttl", 2, flag::readonly | flag::fast, one_key, on_key{ttl<1>}},
    command{"ttl", 2, flag::readonly | flag::fast, one_key, on_key{ttl<1000>}},
    command{"type", 2, flag::readonly | flag::fast, one_key, on_key{type}},
};

}  // namespace

std::span<const command> key_commands() { return all; }

}  // namespace kv

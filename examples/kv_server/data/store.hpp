// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/dict.hpp>
#include <examples/kv_server/data/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

namespace kv {

/// Milliseconds since 1970.
using milliseconds_since_epoch = std::int64_t;

struct entry {
  value data;
  milliseconds_since_epoch expires_at;  ///< or entry::never

  static constexpr milliseconds_since_epoch never = -1;
};

/// The keys of one shard. An expired key is gone for every function here, whether its memory was
/// reclaimed yet or not. For one thread at a time; knows the time from set_time() only.
class store {
 public:
  using node = dict<entry>::node;

  struct counters {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t expired = 0;
  };

  /// No string is to become longer than `longest_string`.
  explicit store(std::size_t longest_string = std::size_t{512} * 1024 * 1024)
      : longest_string_(longest_string) {}

  [[nodiscard]] std::size_t longest_string() const { return longest_string_; }

  void set_time(milliseconds_since_epoch now) { now_ = now; }
  [[nodiscard]] milliseconds_since_epoch now() const { return now_; }

  /// The key's entry, or null. read() also counts the hit or miss.
  [[nodiscard]] node* find(hashed_key key);
  [[nodiscard]] node* read(hashed_key key);

  /// Adds a key that is not there; it never expires.
  node* insert(hashed_key key, value data) {
    return keys_.insert(key, {std::move(data), entry::never});
  }
  void erase(node* key);

  void set_expiry(node* key, milliseconds_since_epoch when);
  void clear_expiry(node* key);

  /// When the next key expires.
  [[nodiscard]] std::optional<milliseconds_since_epoch> next_expiry() const;
  /// Removes expired keys, `most` of them at most; whether any are left.
  bool remove_expired(std::size_t most);

  /// Number of keys; those that have just expired may still be among them.
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] std::size_t expiring() const { return expiries_.size(); }
  [[nodiscard]] const counters& statistics() const { return counters_; }

  /// Removes everything; returns how many keys there were.
  std::size_t flush();

  /// Calls fn(const node&) for every key.
  template <class F>
  void for_each(F&& fn) const {
    keys_.for_each([&](const node& each) {
      if (!expired(each)) fn(each);
    });
  }

  /// As dict::scan().
  template <class F>
  std::uint64_t scan(std::uint64_t cursor, F&& fn) const {
    return keys_.scan(cursor, [&](const node& each) {
      if (!expired(each)) fn(each);
    });
  }

 private:
  [[nodiscard]] bool expired(const node& key) const {
    return key.value.expires_at != entry::never && key.value.expires_at <= now_;
  }

  dict<entry> keys_;
  std::set<std::pair<milliseconds_since_epoch, node*>> expiries_;
  std::size_t longest_string_;
  milliseconds_since_epoch now_ = 0;
  counters counters_;
};

}  // namespace kv

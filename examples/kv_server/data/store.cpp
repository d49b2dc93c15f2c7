// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/store.hpp>

namespace kv {

store::node* store::find(hashed_key key) {
  node* const found = keys_.find(key);
  if (found == nullptr || !expired(*found)) return found;
  erase(found);
  ++counters_.expired;
  return nullptr;
}

store::node* store::read(hashed_key key) {
  node* const found = find(key);
  ++(found != nullptr ? counters_.hits : counters_.misses);
  return found;
}

void store::erase(node* key) {
  clear_expiry(key);
  keys_.erase(key);
}

void store::set_expiry(node* key, milliseconds_since_epoch when) {
  expiries_.emplace(when, key);
  if (key->value.expires_at != when) clear_expiry(key);
  key->value.expires_at = when;
}

void store::clear_expiry(node* key) {
  if (key->value.expires_at == entry::never) return;
  expiries_.erase({key->value.expires_at, key});
  key->value.expires_at = entry::never;
}

std::optional<milliseconds_since_epoch> store::next_expiry() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

bool store::remove_expired(std::size_t most) {
  while (!expiries_.empty() && expiries_.begin()->first <= now_) {
    if (most-- == 0) return true;
    erase(expiries_.begin()->second);
    ++counters_.expired;
  }
  return false;
}

std::size_t store::flush() {
  const auto count = keys_.size();
  expiries_.clear();
  keys_.clear();
  return count;
}

}  // namespace kv

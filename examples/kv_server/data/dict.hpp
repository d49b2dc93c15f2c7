// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/hashed_key.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace kv {

/// A hash table from strings to T, for tables of millions that must never stand still.
///
/// - A bucket is chosen by the *high* bits of the hash, so that walking the buckets in order walks
///   the hashes in order, however large the table: a scan's cursor is a hash, and stays right when
///   the table grows or shrinks between two steps.
/// - Growing and shrinking move a few buckets with each insertion and removal. Until they are done,
///   entries live in two bucket arrays.
///
/// Nodes stay where they are until they are erased.
template <class T>
class dict {
 public:
  struct node {
    node* next;
    std::uint64_t hash;
    std::string key;
    [[no_unique_address]] T value;
  };

  dict() = default;
  dict(dict&& other) noexcept
      : main_(std::exchange(other.main_, {})),
        old_(std::exchange(other.old_, {})),
        moved_(std::exchange(other.moved_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  dict& operator=(dict&& other) noexcept {
    dict taken(std::move(other));
    std::swap(main_, taken.main_);
    std::swap(old_, taken.old_);
    std::swap(moved_, taken.moved_);
    std::swap(size_, taken.size_);
    return *this;
  }
  ~dict() { clear(); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  [[nodiscard]] node* find(hashed_key key) const {
    for (const table* each : {&main_, &old_}) {
      if (each->size == 0) continue;
      for (node* at = *each->bucket(key.hash); at != nullptr; at = at->next) {
        if (at->hash == key.hash && at->key == key.text) return at;
      }
    }
    return nullptr;
  }

  /// Adds an entry under `key`, of which there must be none yet. Strong exception guarantee.
  node* insert(hashed_key key, T value) {
    std::unique_ptr<node> added(
        new node{nullptr, key.hash, std::string(key.text), std::move(value)});
    if (main_.size == 0) main_ = table(smallest);
    if (size_ >= main_.size) start_resize(2 * main_.size);
    node* const result = added.release();
    link(result);
    ++size_;
    move_some();
    return result;
  }

  /// Removes an entry of this table.
  void erase(node* entry) {
    for (table* each : {&main_, &old_}) {
      if (each->size == 0) continue;
      for (node** at = each->bucket(entry->hash); *at != nullptr; at = &(*at)->next) {
        if (*at != entry) continue;
        *at = entry->next;
        delete entry;
        --size_;
        if (main_.size > smallest && size_ < main_.size / 8) start_resize(main_.size / 2);
        return move_some();
      }
    }
  }

  bool erase(hashed_key key) {
    node* const found = find(key);
    if (found != nullptr) erase(found);
    return found != nullptr;
  }

  void clear() {
    for (table* each : {&main_, &old_}) {
      for (std::size_t i = 0; i < each->size; ++i) {
        for (node* at = each->buckets[i]; at != nullptr;) delete std::exchange(at, at->next);
      }
      *each = {};
    }
    size_ = 0;
  }

  /// Calls fn(node&) for every entry; fn must not change the table.
  template <class F>
  void for_each(F&& fn) const {
    for (const table* each : {&main_, &old_}) {
      for (std::size_t i = 0; i < each->size; ++i) {
        for (node* at = each->buckets[i]; at != nullptr; at = at->next) fn(*at);
      }
    }
  }

  /// One step of a scan: calls fn(node&) for the entries from hash `cursor` on, to the end of its
  /// bucket, and returns where to go on; 0: that was the last. Every entry that is there from the
  /// first step to the last is seen exactly once. The low 16 bits of a cursor are 0.
  template <class F>
  std::uint64_t scan(std::uint64_t cursor, F&& fn) const {
    if (main_.size == 0) return 0;
    const auto coarsest = old_.size == 0 ? main_.size : std::min(main_.size, old_.size);
    const auto last = cursor | (~std::uint64_t{0} >> std::countr_zero(coarsest));
    for (const table* each : {&main_, &old_}) {
      if (each->size == 0) continue;
      node** const end = each->bucket(last) + 1;
      for (node** bucket = each->bucket(cursor); bucket != end; ++bucket) {
        for (node* at = *bucket; at != nullptr; at = at->next) {
          if (at->hash >= cursor && at->hash <= last) fn(*at);
        }
      }
    }
    return last + 1;
  }

 private:
  static constexpr std::size_t smallest = 4;
  static constexpr std::size_t moves_per_change = 4;

  struct free_memory {
    void operator()(node** memory) const { std::free(memory); }
  };

  struct table {
    table() = default;
    // calloc has zeroed memory for the asking when the table is large
    explicit table(std::size_t count)
        : buckets(static_cast<node**>(std::calloc(count, sizeof(node*)))), size(count) {
      if (buckets == nullptr) throw std::bad_alloc();
    }

    [[nodiscard]] node** bucket(std::uint64_t hash) const {
      return &buckets[hash >> (64 - std::countr_zero(size))];
    }

    std::unique_ptr<node*[], free_memory> buckets;
    std::size_t size = 0;  // a power of two, or 0
  };

  void link(node* entry) {
    node** const bucket = main_.bucket(entry->hash);
    entry->next = *bucket;
    *bucket = entry;
  }

  void start_resize(std::size_t size) {
    if (old_.size != 0) return;  // one at a time
    table larger(size);
    old_ = std::exchange(main_, std::move(larger));
    moved_ = 0;
  }

  void move_some() {
    if (old_.size == 0) return;
    const auto end = std::min(old_.size, moved_ + moves_per_change);
    for (; moved_ < end; ++moved_) {
      node* at = std::exchange(old_.buckets[moved_], nullptr);
      while (at != nullptr) {
        node* const next = at->next;
        link(at);
        at = next;
      }
    }
    if (moved_ == old_.size) old_ = {};
  }

  table main_;
  table old_;  // of which the first moved_ buckets are empty already; none when not resizing
  std::size_t moved_ = 0;
  std::size_t size_ = 0;
};

}  // namespace kv

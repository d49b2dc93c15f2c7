// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace troupe::io::detail {

/// An intrusive hash table that grows by one bucket per insertion (linear hashing: Litwin, 1980):
/// no insertion ever moves them all, and none fails. One thread at a time.
///
/// `Traits` names the nodes' two members: `key(node)`, a std::uint64_t, and `next(node)`, a
/// reference to the link. Keys are unique; nodes stay where they are, and are the caller's.
template <class Node, class Traits>
class chained_table {
 public:
  chained_table() noexcept = default;
  ~chained_table() {
    for (Node** segment : segments_) std::free(segment);
  }
  chained_table(const chained_table&) = delete;
  chained_table& operator=(const chained_table&) = delete;

  std::size_t size() const noexcept { return size_; }

  void insert(Node& node) noexcept {
    if (size_ >= buckets_) grow();
    const std::size_t b = index_of(Traits::key(node));
    Node*& head = at(b);
    Traits::next(node) = head;
    head = &node;
    ++size_;
    first_used_ = std::min(first_used_, b);
  }

  Node* find(std::uint64_t key) const noexcept {
    Node* node = bucket_of(key);
    while (node != nullptr && Traits::key(*node) != key) node = Traits::next(*node);
    return node;
  }

  /// It must be in there.
  void remove(Node& node) noexcept {
    Node** link = &bucket_of(Traits::key(node));
    while (*link != &node) link = &Traits::next(**link);
    *link = Traits::next(node);
    --size_;
  }

  /// Some node; nullptr when there is none. To empty a table by it takes one look at each bucket.
  Node* any() noexcept {
    if (size_ == 0) return nullptr;
    while (at(first_used_) == nullptr) ++first_used_;
    return at(first_used_);
  }

  /// Calls `f(Node&)` for each node; it may remove that one, and nothing else may change.
  template <class F>
  void for_each(F&& f) {
    for (std::size_t b = 0; b < buckets_; ++b) {
      for (Node* node = at(b); node != nullptr;) {
        Node* const next = Traits::next(*node);
        f(*node);
        node = next;
      }
    }
  }

 private:
  static constexpr std::size_t first_size = 64;  // arbitrary: half a kilobyte inside the table
  static constexpr int first_bits = 6;
  static constexpr std::size_t most_segments = 40;

  /// Spreads keys that are neighbours (a finalizer of MurmurHash3).
  static std::size_t hash(std::uint64_t key) noexcept {
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdU;
    key ^= key >> 33;
    return static_cast<std::size_t>(key);
  }

  // Bucket b of the first 64 lies in the table; segment s holds as many as there are before it.
  Node*& at(std::size_t b) const noexcept {
    if (b < first_size) return first_[b];
    const auto segment = static_cast<std::size_t>(std::bit_width(b) - 1);
    return segments_[segment - first_bits][b - (std::size_t{1} << segment)];
  }

  Node*& bucket_of(std::uint64_t key) const noexcept { return at(index_of(key)); }

  std::size_t index_of(std::uint64_t key) const noexcept {
    const std::size_t low = std::bit_floor(buckets_) - 1;
    const std::size_t h = hash(key);
    const std::size_t b = h & (2 * low + 1);
    return b < buckets_ ? b : h & low;
  }

  /// Splits one bucket in two. Where there is no memory, chains become longer.
  void grow() noexcept {
    const std::size_t fresh = buckets_;
    const std::size_t split = fresh - std::bit_floor(fresh);
    if (split == 0) {
      const auto segment = static_cast<std::size_t>(std::bit_width(fresh) - 1) - first_bits;
      if (segment >= most_segments) return;
      if (segments_[segment] == nullptr)  // zero pages until used
        segments_[segment] = static_cast<Node**>(std::calloc(fresh, sizeof(Node*)));
      if (segments_[segment] == nullptr) return;
    }
    Node* rest = at(split);
    at(split) = nullptr;
    ++buckets_;
    while (rest != nullptr) {
      Node& node = *rest;
      rest = Traits::next(node);
      Node*& head = bucket_of(Traits::key(node));
      Traits::next(node) = head;
      head = &node;
    }
  }

  std::size_t size_ = 0;
  std::size_t buckets_ = first_size;
  std::size_t first_used_ = 0;  // there is nothing before it; a split moves nodes up only
  mutable Node* first_[first_size]{};
  mutable Node** segments_[most_segments]{};
};

}  // namespace troupe::io::detail

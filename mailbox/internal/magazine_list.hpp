// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// A lock-free stack of magazines: the depot's lists of full and of empty ones.
//
// Treiber's stack with a modification count against ABA: the head packs a magazine's index
// (magazines live in a table and are never freed, so reading `below` of one that was just popped is
// harmless) with a 32-bit count of changes. A pop can be fooled only when exactly a multiple of
// 2^32 changes happen between its load and its exchange. Orderings:
//   [list] push: compare_exchange acq_rel releases the magazine's contents; pop: compare_exchange
//          acq_rel acquires them. The failing side re-reads with acquire, because pop follows the
//          index it read.

#include <troupe/mailbox/internal/magazine.hpp>

#include <cstdint>

namespace troupe::detail {

/// `Table` maps an index to its magazine: `magazine& operator()(std::uint32_t index)`.
template <class Table>
class magazine_list {
 public:
  explicit constexpr magazine_list(Table table = {}) noexcept : table_(table) {}

  /// Any thread.
  void push(magazine& m) noexcept {
    std::uint64_t seen = head_.load_relaxed();  // only a guess for the exchange
    do {
      m.below.store_relaxed(index_of(seen));  // published by [list]
    } while (!head_.compare_exchange_weak_acq_rel(seen, successor(seen, m.index)));  // [list]
  }

  /// Any thread. nullptr when empty.
  magazine* pop() noexcept {
    std::uint64_t seen = head_.load_acquire();  // [list]
    while (index_of(seen) != 0) {
      magazine& top = table_(index_of(seen));
      const std::uint32_t below = top.below.load_relaxed();  // stale only if the exchange fails
      if (head_.compare_exchange_weak_acq_rel(seen, successor(seen, below))) return &top;  // [list]
    }
    return nullptr;
  }

 private:
  static std::uint32_t index_of(std::uint64_t head) noexcept {
    return static_cast<std::uint32_t>(head);
  }
  static std::uint64_t successor(std::uint64_t head, std::uint32_t index) noexcept {
    return (((head >> 32) + 1) << 32) | index;
  }

  atomic<std::uint64_t> head_{0};
  [[no_unique_address]] Table table_;
};

}  // namespace troupe::detail

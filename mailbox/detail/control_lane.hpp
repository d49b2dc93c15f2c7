// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The control lane: replies, timeouts, exits, downs, I/O completions. Never bounded, never dropped,
// read before user messages, and the one thing that ends a wait in the middle of a behavior.
//
// A Treiber stack (IBM RJ5118, 1986) that the consumer takes whole and reverses, so it stays FIFO
// per sender.
// States of word_:
//   | word_   | meaning                                            | left by         |
//   | 0       | empty                                              | push, try_park  |
//   | parked  | empty, and the owner waits for this lane only      | push            |
//   | a node  | newest node; the chain behind it is newest first   | push, take_all  |
// Orderings:
//   [push]  compare_exchange seq_cst: releases the node; acquires the parked owner's saved state.
//           Sequentially consistent because the pusher then looks at the user lane's idle state
//           while the owner goes idle and then looks here (Dekker's pattern): one of them must see
//           the other.
//   [take]  exchange acq_rel: acquires every pushed node.
//   [park]  compare_exchange seq_cst: releases the owner's saved state to the push that wakes it.

#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <cstdint>

namespace troupe::detail {

class control_lane {
 public:
  control_lane() noexcept = default;
  control_lane(const control_lane&) = delete;
  control_lane& operator=(const control_lane&) = delete;

  /// Any thread. True: the owner was parked here, and the caller must schedule it.
  [[nodiscard]] bool push(queue_node& node) noexcept {
    std::uintptr_t seen = word_.load_relaxed();  // only a guess for the exchange
    do {
      node.next.store_relaxed(seen == parked ? nullptr : as_node(seen));  // published by [push]
    } while (!word_.compare_exchange_weak_seq_cst(seen, word(&node)));    // [push]
    return seen == parked;
  }

  /// Owner. Whether something is there to take.
  bool has_news() const noexcept { return word_.load_seq_cst() > parked; }  // see [push]

  /// Any thread, a moment's truth only: whether the owner waits for this lane.
  bool is_parked() const noexcept { return word_.load_relaxed() == parked; }

  /// Owner. Everything pushed so far, oldest first; nullptr when there is nothing.
  queue_node* take_all() noexcept {
    if (!has_news()) return nullptr;
    queue_node* newest = as_node(word_.exchange_acq_rel(0));  // [take]
    queue_node* oldest = nullptr;
    while (newest != nullptr) {
      queue_node* const older = newest->next.load_relaxed();  // ours since [take]
      newest->next.store_relaxed(oldest);
      oldest = newest;
      newest = older;
    }
    return oldest;
  }

  /// Owner, once it can be resumed by another thread. False: there is news, so it must not wait.
  [[nodiscard]] bool try_park() noexcept {
    std::uintptr_t expected = 0;
    return word_.compare_exchange_seq_cst(expected, parked);  // [park]
  }

 private:
  static constexpr std::uintptr_t parked = 1;

  static std::uintptr_t word(const queue_node* node) noexcept {
    return reinterpret_cast<std::uintptr_t>(node);
  }
  static queue_node* as_node(std::uintptr_t word) noexcept {
    return reinterpret_cast<queue_node*>(word);
  }

  atomic<std::uintptr_t> word_{0};
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The user lane of a mailbox: an intrusive queue with many producers and one consumer.
//
// Derived from Vyukov's intrusive MPSC queue (2008), with two changes: the stub is only a link
// inside the queue (it is never re-queued), and the head's low bit says that the consumer is idle,
// as in Pony's runtime (Clebsch et al.). So a push is one exchange that also tells the producer
// whether it must wake the consumer.
//
// States of head_ (a queue_node address, the stub's included, plus the idle bit):
//   | head_         | meaning                                  | left by                       |
//   | stub + idle   | empty, the consumer does not run         | push, try_claim               |
//   | stub          | empty, the consumer runs (or is queued)  | push, try_idle                |
//   | a node        | last node pushed; the consumer runs      | push, unlink_front            |
//
// Roles. Any thread: push, try_claim. The consumer (one at a time; handed on by whoever schedules
// it): everything else.
// Invariants:
//   Q1  Exactly one push or try_claim per idle period answers true: its caller owns the wake-up.
//   Q2  A producer between its exchange and its link store hides what was pushed after it. The
//       consumer sees that as "stalled", never as "empty".
//   Q3  Only the consumer writes stub_.next = nullptr, and before head_ points to the stub again.
// Orderings:
//   [push]  exchange seq_cst: releases the node's contents to the consumer that next reads head_,
//           and acquires, on idle -> busy, what the last consumer wrote before it went idle. The
//           total order is for owners of an inbox that park (push, then look whether the owner is
//           parked).
//   [link]  store_release of next pairs with the consumer's load_acquire of next: publishes the
//           node itself.
//   [idle]  compare_exchange seq_cst: releases the consumer's state to the next wake-up's owner.
//           The total order is for callers that look at a second lane afterwards (control lane).
// Preemption: push runs in a no-preempt section, so that Q2 lasts a few instructions for pushes by
// behaviors. A foreign thread may be descheduled there by the kernel.

#include <troupe/base/atomic.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::detail {

struct queue_node {
  atomic<queue_node*> next{nullptr};
};

class mpsc_queue {
 public:
  /// What unlink_front() found behind the front.
  enum class unlinked {
    more,     ///< there is a new front
    emptied,  ///< the queue is empty now (and idle, where that was asked for)
    stalled,  ///< nothing was done: a producer is in the middle of its push; come back later
  };

  mpsc_queue() noexcept : head_(stub_word() | idle_bit) {}
  mpsc_queue(const mpsc_queue&) = delete;
  mpsc_queue& operator=(const mpsc_queue&) = delete;

  /// Where the consumer's part begins: a queue may be laid across two cache lines here.
  static constexpr std::size_t consumer_offset = sizeof(std::uintptr_t) + sizeof(queue_node);

  /// Any thread. True: the consumer was idle, and the caller must schedule it.
  [[nodiscard]] bool push(queue_node& node) noexcept {
    node.next.store_relaxed(nullptr);  // published by [push] and [link]
    const std::uintptr_t previous = head_.exchange_seq_cst(word(&node));  // [push]
    as_node(previous & ~idle_bit)->next.store_release(&node);             // [link]
    return (previous & idle_bit) != 0;
  }

  /// Any thread. Takes the consumer out of its idle state without a message. True: the caller must
  /// schedule it.
  [[nodiscard]] bool try_claim() noexcept {
    std::uintptr_t expected = stub_word() | idle_bit;
    if (head_.load_seq_cst() != expected) return false;  // [idle], see push_control's caller
    return head_.compare_exchange_seq_cst(expected, stub_word());  // [idle]
  }

  /// Consumer. The oldest node, which stays linked; nullptr when none is visible.
  queue_node* front() noexcept {
    if (front_ == nullptr) front_ = stub_.next.load_acquire();  // [link]
    return front_;
  }

  /// Consumer. Takes out the front, which front() must have shown; afterwards the node belongs to
  /// the caller.
  [[nodiscard]] unlinked unlink_front() noexcept { return unlink(stub_word()); }

  /// Consumer. As unlink_front, and goes idle in the same step when that empties the queue.
  [[nodiscard]] unlinked unlink_front_or_idle() noexcept { return unlink(stub_word() | idle_bit); }

  /// Consumer, with nothing linked. False: something has been pushed; look again.
  [[nodiscard]] bool try_idle() noexcept {
    std::uintptr_t expected = stub_word();
    return head_.compare_exchange_seq_cst(expected, stub_word() | idle_bit);  // [idle]
  }

  /// Consumer, of a queue that never goes idle. Whether something has been pushed, which front()
  /// may not show yet: what an owner asks that has announced that it parks.
  bool has_pushed() const noexcept {
    return (head_.load_seq_cst() & ~idle_bit) != stub_word();  // [push]
  }

  /// Consumer. The last node pushed so far, to be compared with nodes taken out; nullptr when all
  /// have been.
  const queue_node* last_pushed() const noexcept {
    const std::uintptr_t last = head_.load_relaxed() & ~idle_bit;  // an address to compare with
    return last == stub_word() ? nullptr : as_node(last);
  }

  /// Consumer. The node behind `node`, which must be linked; nullptr when none is visible.
  static queue_node* next_of(queue_node& node) noexcept { return node.next.load_acquire(); }

  /// Any thread, a moment's truth only.
  bool is_idle() const noexcept { return head_.load_relaxed() == (stub_word() | idle_bit); }

 private:
  static constexpr std::uintptr_t idle_bit = 1;

  static std::uintptr_t word(const queue_node* node) noexcept {
    return reinterpret_cast<std::uintptr_t>(node);
  }
  static queue_node* as_node(std::uintptr_t word) noexcept {
    return reinterpret_cast<queue_node*>(word);
  }
  std::uintptr_t stub_word() const noexcept { return word(&stub_); }

  unlinked unlink(std::uintptr_t when_empty) noexcept {
    queue_node* const last = front_;
    queue_node* next = last->next.load_acquire();  // [link]
    if (next == nullptr) {
      // Everything of the consumer's is written before the exchange: after an idle one, the
      // consumer's role may already be another thread's.
      stub_.next.store_relaxed(nullptr);  // Q3
      front_ = nullptr;
      std::uintptr_t expected = word(last);
      if (head_.compare_exchange_seq_cst(expected, when_empty)) return unlinked::emptied;  // [idle]
      front_ = last;
      next = last->next.load_acquire();  // [link]
      if (next == nullptr) return unlinked::stalled;
    }
    front_ = next;
    return unlinked::more;
  }

  atomic<std::uintptr_t> head_;         // producers
  queue_node stub_;                     // producers, and the consumer when the queue runs dry
  plain<queue_node*> front_ = nullptr;  // consumer
};

}  // namespace troupe::detail

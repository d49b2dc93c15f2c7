// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/base/cache_line.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::detail {

/// A worker's bounded FIFO of runnable elements; other workers steal half of it.
///
/// Roles: the owner (one thread at a time: the worker) pushes at the tail and pops at the head.
/// Thieves take a batch at the head and put it into a ring that they own. Nothing blocks or
/// allocates; every loop is bounded or fails only because somebody else succeeded. All of it runs
/// in the caller's no-preempt section: an owner frozen in the middle of a push would be passed on
/// to another carrier together with its ring.
///
/// Indices count up for ever and wrap at 2^32; index i lies in slot i % Capacity.
///
/// Invariants:
///   RR1  the elements are those of the indices [head, tail), at most Capacity of them.
///   RR2  head only grows, by compare-and-exchange, by whoever takes elements: the success of that
///        exchange is what makes the taken elements the taker's own, all of them at once.
///   RR3  tail and the slots are written by the owner only.
///   RR4  the owner writes index i + Capacity only after it has read a head beyond i.
///
/// Why a thief cannot take a torn or recycled element: it copies the slots of [h, h + n) first and
/// exchanges head from h to h + n afterwards. Say the exchange succeeds. Then head was still h, and
/// no index from h on had been taken. The copies are at least as new as those elements, because the
/// thief had read a tail beyond them [rr-tail]. And they are not newer: to overwrite one of them
/// the owner must have read a head beyond it (RR4), which is this very exchange or a later one, so
/// the copying happens before the overwriting [rr-head]. Had the owner or another thief been
/// faster, head would differ from h, and the copies, garbage perhaps, are forgotten; that they may
/// be overwritten while they are read is why slots are atomic. (The exchange would be deceived if
/// exactly 2^32 elements, or a multiple, passed while a thief stands between its load and its
/// exchange.)
///
/// Orderings:
///   [rr-tail]  the owner's store of tail publishes slots and elements; a thief's load of tail, and
///              the pushes into its own ring that follow, pass them on.
///   [rr-head]  a taker's exchange of head publishes that it has finished reading the slots; the
///              owner's load of head before it reuses them observes it. A thief's load of head
///              makes the tail that it loads next no older than that head, whoever moved it.
///
/// Parking: a push is only released, not ordered before a later load of who is parked. A pusher
/// that misses a parked worker still has the element itself; see idle_set, [park]. Who pushes and
/// then does something else first uses try_push_before_looking(), which is ordered as the
/// injector's push is ([in-park]); who parks looks at size_after_parking() then.
///
/// Tests: tests/scheduler/run_ring_test.cpp, tests/model/run_ring_model_test.cpp.
template <class T, std::uint32_t Capacity = 256>
class run_ring {
  static_assert(Capacity >= 2 && (Capacity & (Capacity - 1)) == 0, "indices wrap at 2^32");
  static_assert(Capacity <= 1U << 30U, "distances of indices must be told from their negatives");

 public:
  static constexpr std::uint32_t capacity = Capacity;

  run_ring() noexcept : run_ring(0) {}
  /// Begins counting at `first_index`: lets tests cross the wrap of the indices.
  explicit run_ring(std::uint32_t first_index) noexcept : head_(first_index), tail_(first_index) {}
  run_ring(const run_ring&) = delete;
  run_ring& operator=(const run_ring&) = delete;

  // ---- owner ----

  /// Appends `element`; false when the ring is full (take_half() makes room).
  [[nodiscard]] bool try_push(T* element) noexcept {
    const std::uint32_t tail = tail_.load_relaxed();  // [rr-tail] only this thread writes it
    if (!try_put(tail, element)) return false;
    tail_.store_release(tail + 1);  // [rr-tail]
    return true;
  }
  /// The same, before anything that the owner loads afterwards, see Parking.
  [[nodiscard]] bool try_push_before_looking(T* element) noexcept {
    const std::uint32_t tail = tail_.load_relaxed();  // [rr-tail] only this thread writes it
    if (!try_put(tail, element)) return false;
    tail_.store_seq_cst(tail + 1);  // [rr-tail] [in-park]
    return true;
  }

  /// Takes the oldest element; nullptr when the ring is empty.
  [[nodiscard]] T* pop() noexcept {
    const std::uint32_t tail = tail_.load_relaxed();  // [rr-tail] only this thread writes it
    std::uint32_t head = head_.load_relaxed();        // [rr-head] a guess, checked by the exchange
    while (head != tail) {
      T* const element = slot(head).load_relaxed();  // [rr-tail] written by this thread
      if (head_.compare_exchange_acq_rel(head, head + 1)) return element;  // [rr-head]
    }
    return nullptr;
  }

  /// The element that comes `behind` the oldest one, or nullptr. A guess: a thief may have it,
  /// and it may be long gone.
  [[nodiscard]] T* guess_next(std::uint32_t behind) noexcept {
    const std::uint32_t left = size();
    return behind < left ? slot(head_.load_relaxed() + behind).load_relaxed() : nullptr;  // [count]
  }

  /// Takes the older half of the elements, oldest first, into `out`, which has room for
  /// Capacity / 2; returns how many. None when a thief was faster: then there may be room anyway.
  [[nodiscard]] std::size_t take_half(T** out) noexcept {
    const std::uint32_t tail = tail_.load_relaxed();  // [rr-tail] only this thread writes it
    std::uint32_t head = head_.load_relaxed();        // [rr-head] a guess, checked by the exchange
    const std::uint32_t count = (tail - head) / 2;
    if (count == 0) return 0;
    for (std::uint32_t i = 0; i < count; ++i)
      out[i] = slot(head + i).load_relaxed();  // [rr-tail] written by this thread
    return head_.compare_exchange_acq_rel(head, head + count) ? count : 0;  // [rr-head]
  }

  // ---- thief ----

  /// Takes the older half of the elements (of one, that one), as far as `into` has room. Returns
  /// the oldest, to be run at once, and appends the others to `into`, which the caller owns.
  /// nullptr when there is nothing to take, or when others were faster every time.
  [[nodiscard]] T* steal(run_ring& into) noexcept {
    const std::uint32_t mine = into.tail_.load_relaxed();  // [rr-tail] only this thread writes it
    // [rr-head] RR4 for the slots of `into`
    std::uint32_t most = Capacity - (mine - into.head_.load_acquire()) + 1;
    for (int attempt = 0; attempt < steal_attempts; ++attempt) {
      std::uint32_t head = head_.load_acquire();        // [rr-head]
      const std::uint32_t tail = tail_.load_acquire();  // [rr-tail]
      const std::uint32_t available = tail - head;
      if (available == 0) return nullptr;
      if (available > Capacity) continue;  // head has moved on since: the two do not fit together
      const std::uint32_t count = std::min(available - available / 2, most);
      T* const oldest = slot(head).load_relaxed();  // [rr-tail]
      for (std::uint32_t i = 1; i < count; ++i)
        into.slot(mine + i - 1).store_relaxed(slot(head + i).load_relaxed());  // [rr-tail]
      if (head_.compare_exchange_acq_rel(head, head + count)) {                // [rr-head]
        into.tail_.store_release(mine + count - 1);                            // [rr-tail]
        return oldest;
      }
      most = std::max(count / 2, 1U);  // a smaller bite is copied before a quick owner pops again
    }
    return nullptr;
  }

  // ---- any thread ----

  /// How many elements there were at some moment not long ago; exact for the owner if no one
  /// steals.
  [[nodiscard]] std::uint32_t size() const noexcept {
    const std::uint32_t head = head_.load_relaxed();  // [count] the two need not fit together:
    const std::uint32_t tail = tail_.load_relaxed();  // [count] hence the clamp
    return length(head, tail);
  }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  /// No less than what try_push_before_looking() has pushed, if the pusher does not see what the
  /// caller has announced before. Thieves may have taken some of it.
  [[nodiscard]] std::uint32_t size_after_parking() const noexcept {
    const std::uint32_t head = head_.load_relaxed();  // [count] as in size()
    const std::uint32_t tail = tail_.load_seq_cst();  // [in-park]
    return length(head, tail);
  }

 private:
  static std::uint32_t length(std::uint32_t head, std::uint32_t tail) noexcept {
    const auto distance = static_cast<std::int32_t>(tail - head);
    return static_cast<std::uint32_t>(std::clamp(distance, 0, static_cast<int>(Capacity)));
  }
  [[nodiscard]] bool try_put(std::uint32_t tail, T* element) noexcept {
    if (tail - head_.load_acquire() >= Capacity) return false;  // [rr-head] RR4
    slot(tail).store_relaxed(element);  // [rr-tail] published by the store of tail
    return true;
  }

  /// Halving the largest bite arrives at one element in eight steps; a few more for luck.
  static constexpr int steal_attempts = 12;

  [[nodiscard]] atomic<T*>& slot(std::uint32_t index) noexcept { return slots_[index % Capacity]; }

  // Written by whoever takes elements.
  alignas(cache_line) atomic<std::uint32_t> head_;
  // Written by the owner.
  alignas(cache_line) atomic<std::uint32_t> tail_;
  alignas(cache_line) std::array<atomic<T*>, Capacity> slots_;
};

}  // namespace troupe::detail

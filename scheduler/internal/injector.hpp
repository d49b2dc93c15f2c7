// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/base/spin_lock.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>

namespace troupe::detail {

/// The global FIFO of runnable elements: what foreign threads make runnable, and what does not fit
/// into a worker's ring. Elements are linked through `T* T::run_link`, which belongs to the
/// injector while they are in here. It owns none of them.
///
/// Roles: any thread pushes; workers pop, in batches. A lock of a few instructions (its holder is
/// in a no-preempt section) is enough: workers come here now and then only, and look at an atomic
/// size before they do.
///
/// Invariants:
///   IN1  first_ is null iff there is no element; last_ is valid iff there is one.
///   IN2  size_ is the length of the list whenever the lock is free; written under the lock.
///
/// Parking [in-park]: a push writes size_, and size() reads it, sequentially consistently. So of a
/// pusher, which then reads who is parked, and a worker, which first announces that it parks and
/// then reads size(), at least one sees the other, provided that they use that order for those
/// accesses too. For everything else size() and empty() are hints.
///
/// Tests: tests/scheduler/injector_test.cpp.
template <class T>
class injector {
 public:
  injector() noexcept = default;
  injector(const injector&) = delete;
  injector& operator=(const injector&) = delete;

  /// Appends one element. Any thread.
  void push(T* element) noexcept { push_all(&element, 1); }

  /// Appends `count` elements in the order of the array; nobody else's come between. Any thread.
  void push_all(T* const* elements, std::size_t count) noexcept {
    if (count == 0) return;
    for (std::size_t i = 1; i < count; ++i) elements[i - 1]->run_link = elements[i];
    T* const last = elements[count - 1];
    last->run_link = nullptr;

    const std::scoped_lock guard(lock_);
    (first_ == nullptr ? first_ : last_->run_link) = elements[0];
    last_ = last;
    // [in-park] seq_cst: the pusher then looks for parked workers, who look here before they sleep.
    size_.store_seq_cst(size_.load_relaxed() + count);
  }

  /// Takes up to `most` elements, oldest first, into `out`; returns how many. The lock is held for
  /// the whole walk: dozens are fine, thousands are not.
  [[nodiscard]] std::size_t pop(T** out, std::size_t most) noexcept {
    const std::scoped_lock guard(lock_);
    const std::size_t size = size_.load_relaxed();  // [count] IN2
    const std::size_t count = std::min(most, size);
    T* next = first_;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = next;
      next = next->run_link;
    }
    first_ = next;
    // [in-park] one-sided: who misses this store looks in vain, once. The lock orders the list.
    size_.store_relaxed(size - count);
    return count;
  }

  /// Takes the elements for which `wanted(element)` holds, in their order: the first of them, which
  /// leads to the next one by its run_link. nullptr: there are none, or somebody uses the list just
  /// now, perhaps the code that the calling signal handler has interrupted. Walks the whole list.
  template <class Wanted>
  [[nodiscard]] T* try_take_all(Wanted wanted) noexcept {
    if (!lock_.try_lock()) return nullptr;
    const std::scoped_lock guard(std::adopt_lock, lock_);
    T* first = nullptr;
    T* last = nullptr;
    T* before = nullptr;
    for (T* t = first_; t != nullptr;) {
      T* const next = t->run_link;
      if (wanted(*t)) {
        unlink(*t, before);
        t->run_link = nullptr;
        (first == nullptr ? first : last->run_link) = t;
        last = t;
      } else {
        before = t;
      }
      t = next;
    }
    return first;
  }

  /// Takes the element that was pushed last; nullptr: there is none. Walks the list under the lock,
  /// as pop() does.
  [[nodiscard]] T* pop_newest() noexcept {
    const std::scoped_lock guard(lock_);
    if (first_ == nullptr) return nullptr;
    T* before = nullptr;
    for (T* t = first_; t != last_; t = t->run_link) before = t;
    T* const newest = last_;
    unlink(*newest, before);
    return newest;
  }

  /// How many elements there were a moment ago. Any thread.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load_seq_cst(); }  // [in-park]
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

 private:
  /// Takes an element out. The caller holds the lock.
  void unlink(T& element, T* before) noexcept {
    (before == nullptr ? first_ : before->run_link) = element.run_link;
    if (last_ == &element) last_ = before;
    // [in-park] as in pop().
    size_.store_relaxed(size_.load_relaxed() - 1);
  }

  spin_lock lock_;
  T* first_ = nullptr;
  T* last_ = nullptr;
  atomic<std::size_t> size_{0};
};

}  // namespace troupe::detail

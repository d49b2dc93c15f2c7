// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/base/cache_line.hpp>
#include <troupe/base/spin_lock.hpp>

#include <cstddef>
#include <mutex>
#include <utility>

namespace troupe::detail {

/// The global FIFO of runnable elements: what foreign threads make runnable, and what does not fit
/// into a worker's ring. Elements are linked through `T* T::run_link`, which belongs to the
/// injector while they are in here. It owns none of them.
///
/// Roles: any thread pushes; workers pop, in batches. Whoever pops walks from one element to the
/// next, each of them in another core's cache perhaps: 64 take microseconds. So there are two lists
/// with a lock each (after Michael and Scott, PODC 1996): pushers append to one, in a few
/// instructions, and only poppers wait for poppers, who take all of it when theirs is empty. The
/// holders of both are in a no-preempt section.
///
/// Invariants:
///   IN1  a list's first is null iff it has no element; its last is valid iff it has one.
///   IN2  all of `popped_from_` were pushed before those of `pushed_to_`.
///   IN3  size_ is the length of both together whenever both locks are free; it grows with
///        `pushed_to_`, under its lock, and never shrinks before an element has been taken.
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
    elements[count - 1]->run_link = nullptr;

    const std::scoped_lock guard(push_lock_);
    pushed_to_.append({elements[0], elements[count - 1]});
    // [in-park] seq_cst: the pusher then looks for parked workers, who look here before they sleep.
    size_.fetch_add_seq_cst(count);
  }

  /// Takes up to `most` elements, oldest first, into `out`; returns how many. Other poppers wait
  /// for the whole walk: dozens are fine, thousands are not.
  [[nodiscard]] std::size_t pop(T** out, std::size_t most) noexcept {
    const std::scoped_lock guard(pop_lock_);
    std::size_t count = 0;
    while (count < most) {
      if (popped_from_.first == nullptr) take_pushed();
      T* const next = popped_from_.first;
      if (next == nullptr) break;
      popped_from_.first = next->run_link;
      out[count++] = next;
    }
    shrink(count);
    return count;
  }

  /// Takes the elements for which `wanted(element)` holds, in their order: the first of them, which
  /// leads to the next one by its run_link. nullptr: there are none, or somebody uses the lists
  /// just now, perhaps the code that the calling signal handler has interrupted. Walks all of them.
  template <class Wanted>
  [[nodiscard]] T* try_take_all(Wanted wanted) noexcept {
    if (!pop_lock_.try_lock()) return nullptr;
    const std::scoped_lock guard(std::adopt_lock, pop_lock_);
    if (!push_lock_.try_lock()) return nullptr;
    popped_from_.append(std::exchange(pushed_to_, {}));
    push_lock_.unlock();
    list taken;
    T* before = nullptr;
    for (T* t = popped_from_.first; t != nullptr;) {
      T* const next = t->run_link;
      if (wanted(*t)) {
        unlink(*t, before);
        t->run_link = nullptr;
        taken.append({t, t});
      } else {
        before = t;
      }
      t = next;
    }
    return taken.first;
  }

  /// Takes the element that was pushed last; nullptr: there is none. Walks all elements under the
  /// lock, as pop() does.
  [[nodiscard]] T* pop_newest() noexcept {
    const std::scoped_lock guard(pop_lock_);
    take_pushed();
    if (popped_from_.first == nullptr) return nullptr;
    T* before = nullptr;
    for (T* t = popped_from_.first; t != popped_from_.last; t = t->run_link) before = t;
    T* const newest = popped_from_.last;
    unlink(*newest, before);
    return newest;
  }

  /// How many elements there were a moment ago. Any thread.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load_seq_cst(); }  // [in-park]
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

 private:
  struct list {
    T* first = nullptr;
    T* last = nullptr;

    void append(const list& more) noexcept {
      if (more.first == nullptr) return;
      (first == nullptr ? first : last->run_link) = more.first;
      last = more.last;
    }
  };

  // The caller of these holds pop_lock_.

  void take_pushed() noexcept {
    const std::scoped_lock guard(push_lock_);
    popped_from_.append(std::exchange(pushed_to_, {}));
  }
  void unlink(T& element, T* before) noexcept {
    (before == nullptr ? popped_from_.first : before->run_link) = element.run_link;
    if (popped_from_.last == &element) popped_from_.last = before;
    shrink(1);
  }
  void shrink(std::size_t count) noexcept {
    // [in-park] one-sided: who misses this looks in vain, once. The locks order the lists.
    if (count != 0) size_.fetch_sub_relaxed(count);
  }

  alignas(cache_line) spin_lock push_lock_;  // held alone, or by one who holds pop_lock_ as well
  list pushed_to_;
  atomic<std::size_t> size_{0};
  alignas(cache_line) spin_lock pop_lock_;
  list popped_from_;
};

}  // namespace troupe::detail

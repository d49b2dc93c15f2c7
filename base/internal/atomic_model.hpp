// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What base/atomic.hpp becomes in the model checks (tests/model): the same methods on Relacy's
// atomics. Relacy runs all threads of a model on one kernel thread; each access may switch to
// another thread, and a load may return any value that its order allows (within a short history).
//
// Every access is told apart by file, function and method, so that a test can make one of them
// weaker than it is written and see whether the model notices.

// Not <relacy/relacy.hpp>, which would also replace keywords, pthreads and the heap by macros.
#include <relacy/atomic.hpp>
#include <relacy/atomic_fence.hpp>
#include <relacy/backoff.hpp>
#include <relacy/base.hpp>
#include <relacy/context.hpp>
#include <relacy/context_base_impl.hpp>
#include <relacy/dyn_thread.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/event.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/test_suite.hpp>
#include <relacy/var.hpp>

namespace troupe::detail {

/// Where an access stands in the source.
struct access_site {
  const char* file;
  const char* function;
  unsigned line;

  static access_site here(const char* file = __builtin_FILE(),
                          const char* function = __builtin_FUNCTION(),
                          unsigned line = __builtin_LINE()) noexcept {
    return {file, function, line};
  }
  rl::debug_info info() const { return {function, file, line}; }
};

/// Answers which order an access is to have in the running model; nullptr: the one it names.
using order_rule = rl::memory_order (*)(rl::memory_order named, const char* method,
                                        const access_site& site);
inline order_rule order_in_model = nullptr;

template <class T>
class atomic {
  using site = access_site;

 public:
  atomic() : value_(T{}) {}
  explicit atomic(T value) : value_(value) {}

  T load_relaxed(site at = site::here()) const noexcept {
    return load(rl::mo_relaxed, "load_relaxed", at);
  }
  T load_acquire(site at = site::here()) const noexcept {
    return load(rl::mo_acquire, "load_acquire", at);
  }
  T load_seq_cst(site at = site::here()) const noexcept {
    return load(rl::mo_seq_cst, "load_seq_cst", at);
  }

  void store_relaxed(T value, site at = site::here()) noexcept {
    store(value, rl::mo_relaxed, "store_relaxed", at);
  }
  void store_release(T value, site at = site::here()) noexcept {
    store(value, rl::mo_release, "store_release", at);
  }
  void store_seq_cst(T value, site at = site::here()) noexcept {
    store(value, rl::mo_seq_cst, "store_seq_cst", at);
  }

  T exchange_acquire(T value, site at = site::here()) noexcept {
    return value_(at.info()).exchange(value, order(rl::mo_acquire, "exchange_acquire", at));
  }
  T exchange_release(T value, site at = site::here()) noexcept {
    return value_(at.info()).exchange(value, order(rl::mo_release, "exchange_release", at));
  }
  T exchange_acq_rel(T value, site at = site::here()) noexcept {
    return value_(at.info()).exchange(value, order(rl::mo_acq_rel, "exchange_acq_rel", at));
  }
  T exchange_seq_cst(T value, site at = site::here()) noexcept {
    return value_(at.info()).exchange(value, order(rl::mo_seq_cst, "exchange_seq_cst", at));
  }

  bool compare_exchange_acq_rel(T& expected, T desired, site at = site::here()) noexcept {
    const auto success = order(rl::mo_acq_rel, "compare_exchange_acq_rel", at);
    const auto failure = order(rl::mo_acquire, "compare_exchange_acq_rel, failing", at);
    return value_(at.info()).compare_exchange_strong(expected, desired, success,
                                                     fitting(success, failure));
  }
  bool compare_exchange_seq_cst(T& expected, T desired, site at = site::here()) noexcept {
    const auto success = order(rl::mo_seq_cst, "compare_exchange_seq_cst", at);
    const auto failure = order(rl::mo_seq_cst, "compare_exchange_seq_cst, failing", at);
    return value_(at.info()).compare_exchange_strong(expected, desired, success,
                                                     fitting(success, failure));
  }
  bool compare_exchange_weak_acq_rel(T& expected, T desired, site at = site::here()) noexcept {
    const auto success = order(rl::mo_acq_rel, "compare_exchange_weak_acq_rel", at);
    const auto failure = order(rl::mo_acquire, "compare_exchange_weak_acq_rel, failing", at);
    return value_(at.info()).compare_exchange_weak(expected, desired, success,
                                                   fitting(success, failure));
  }
  bool compare_exchange_weak_seq_cst(T& expected, T desired, site at = site::here()) noexcept {
    const auto success = order(rl::mo_seq_cst, "compare_exchange_weak_seq_cst", at);
    const auto failure = order(rl::mo_seq_cst, "compare_exchange_weak_seq_cst, failing", at);
    return value_(at.info()).compare_exchange_weak(expected, desired, success,
                                                   fitting(success, failure));
  }

  T fetch_add_relaxed(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_add(value, order(rl::mo_relaxed, "fetch_add_relaxed", at));
  }
  T fetch_add_acq_rel(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_add(value, order(rl::mo_acq_rel, "fetch_add_acq_rel", at));
  }
  T fetch_add_seq_cst(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_add(value, order(rl::mo_seq_cst, "fetch_add_seq_cst", at));
  }
  T fetch_sub_relaxed(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_sub(value, order(rl::mo_relaxed, "fetch_sub_relaxed", at));
  }
  T fetch_sub_acq_rel(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_sub(value, order(rl::mo_acq_rel, "fetch_sub_acq_rel", at));
  }
  T fetch_sub_seq_cst(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_sub(value, order(rl::mo_seq_cst, "fetch_sub_seq_cst", at));
  }
  T fetch_or_seq_cst(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_or(value, order(rl::mo_seq_cst, "fetch_or_seq_cst", at));
  }
  T fetch_and_seq_cst(T value, site at = site::here()) noexcept {
    return value_(at.info()).fetch_and(value, order(rl::mo_seq_cst, "fetch_and_seq_cst", at));
  }

  /// As a futex: the look at the value and the falling asleep are one step.
  void wait_acquire(T old, site at = site::here()) const noexcept {
    rl::context& c = rl::ctx();
    auto& value = const_cast<rl::atomic<T>&>(value_);
    for (;;) {
      c.sched();
      c.atomic_thread_fence_seq_cst();
      {
        const rl::preemption_disabler one_step(c);
        if (load(rl::mo_acquire, "wait_acquire", at) != old) return;
      }
      value.wait(c, false, false, at.info());
    }
  }
  void notify_one(site at = site::here()) noexcept { notify(1, at); }
  void notify_all(site at = site::here()) noexcept { notify(rl::ctx().get_thread_count(), at); }

 private:
  static rl::memory_order order(rl::memory_order named, const char* method, const site& at) {
    return order_in_model != nullptr ? order_in_model(named, method, at) : named;
  }
  /// Relacy knows the pairs of C++11 only: a failing order is no stronger than the successful one.
  static rl::memory_order fitting(rl::memory_order success, rl::memory_order failure) {
    switch (success) {
      case rl::mo_relaxed:
      case rl::mo_release:
        return rl::mo_relaxed;
      case rl::mo_seq_cst:
        return failure;
      default:
        return failure == rl::mo_seq_cst ? rl::mo_acquire : failure;
    }
  }
  T load(rl::memory_order named, const char* method, const site& at) const noexcept {
    return value_(at.info()).load(order(named, method, at));
  }
  void store(T value, rl::memory_order named, const char* method, const site& at) noexcept {
    value_(at.info()).store(value, order(named, method, at));
  }
  void notify(rl::thread_id_t count, const site& at) noexcept {
    rl::context& c = rl::ctx();
    c.sched();
    c.atomic_thread_fence_seq_cst();
    value_.wake(c, count, at.info());
  }

  rl::atomic<T> value_;
};

/// As the real one; and the model checker reports accesses that nothing orders as data races.
template <class T>
class plain {
 public:
  plain() : value_(T{}) {}
  plain(T value) : value_(value) {}  // NOLINT(google-explicit-constructor): stands in for a T
  plain(const plain& other) : plain(static_cast<T>(other)) {}
  plain& operator=(const plain& other) {
    *this = static_cast<T>(other);
    return *this;
  }
  plain& operator=(T value) {
    value_(rl::debug_info("plain", "write")).store(value);
    return *this;
  }
  operator T() const {  // NOLINT(google-explicit-constructor): stands in for a T
    return value_(rl::debug_info("plain", "read")).load();
  }

 private:
  rl::var<T> value_;
};

inline constexpr bool model_checked = true;

/// Others must run before the calling thread can go on: it does not take part for a while.
inline void spin_pause(access_site at = access_site::here()) noexcept { rl::yield(1, at.info()); }

}  // namespace troupe::detail

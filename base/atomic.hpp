// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The seam between troupe and the model checker. Every atomic of the runtime is a
// detail::atomic<T>: no access has a default memory order, because the order is part of each
// method's name. Compiled with TROUPE_MODEL_CHECK the same code runs on Relacy's atomics, which
// explore the interleavings and the reorderings that the named orders allow.

#ifdef TROUPE_MODEL_CHECK
#include <troupe/base/internal/atomic_model.hpp>
#else

#include <atomic>

namespace troupe::detail {

template <class T>
class atomic {
 public:
  constexpr atomic() noexcept = default;
  constexpr explicit atomic(T value) noexcept : value_(value) {}

  T load_relaxed() const noexcept { return value_.load(std::memory_order_relaxed); }
  T load_acquire() const noexcept { return value_.load(std::memory_order_acquire); }
  T load_seq_cst() const noexcept { return value_.load(std::memory_order_seq_cst); }

  void store_relaxed(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void store_release(T value) noexcept { value_.store(value, std::memory_order_release); }
  void store_seq_cst(T value) noexcept { value_.store(value, std::memory_order_seq_cst); }

  T exchange_acquire(T value) noexcept { return value_.exchange(value, std::memory_order_acquire); }
  T exchange_release(T value) noexcept { return value_.exchange(value, std::memory_order_release); }
  T exchange_acq_rel(T value) noexcept { return value_.exchange(value, std::memory_order_acq_rel); }
  T exchange_seq_cst(T value) noexcept { return value_.exchange(value, std::memory_order_seq_cst); }

  /// On failure `expected` receives the current value, read with the acquire half of the order.
  bool compare_exchange_acq_rel(T& expected, T desired) noexcept {
    return value_.compare_exchange_strong(expected, desired, std::memory_order_acq_rel,
                                          std::memory_order_acquire);
  }
  bool compare_exchange_seq_cst(T& expected, T desired) noexcept {
    return value_.compare_exchange_strong(expected, desired, std::memory_order_seq_cst,
                                          std::memory_order_seq_cst);
  }
  bool compare_exchange_weak_acq_rel(T& expected, T desired) noexcept {
    return value_.compare_exchange_weak(expected, desired, std::memory_order_acq_rel,
                                        std::memory_order_acquire);
  }
  bool compare_exchange_weak_seq_cst(T& expected, T desired) noexcept {
    return value_.compare_exchange_weak(expected, desired, std::memory_order_seq_cst,
                                        std::memory_order_seq_cst);
  }

  T fetch_add_relaxed(T value) noexcept {
    return value_.fetch_add(value, std::memory_order_relaxed);
  }
  T fetch_add_acq_rel(T value) noexcept {
    return value_.fetch_add(value, std::memory_order_acq_rel);
  }
  T fetch_add_seq_cst(T value) noexcept {
    return value_.fetch_add(value, std::memory_order_seq_cst);
  }
  T fetch_sub_relaxed(T value) noexcept {
    return value_.fetch_sub(value, std::memory_order_relaxed);
  }
  T fetch_sub_acq_rel(T value) noexcept {
    return value_.fetch_sub(value, std::memory_order_acq_rel);
  }
  T fetch_sub_seq_cst(T value) noexcept {
    return value_.fetch_sub(value, std::memory_order_seq_cst);
  }
  T fetch_or_seq_cst(T value) noexcept { return value_.fetch_or(value, std::memory_order_seq_cst); }
  T fetch_and_seq_cst(T value) noexcept {
    return value_.fetch_and(value, std::memory_order_seq_cst);
  }

  /// Blocks the calling thread while the value equals `old`. For plain threads, never for a worker.
  void wait_acquire(T old) const noexcept { value_.wait(old, std::memory_order_acquire); }
  void notify_all() noexcept { value_.notify_all(); }
  void notify_one() noexcept { value_.notify_one(); }

 private:
  std::atomic<T> value_{};
};

/// A field that one thread at a time may touch: a T. The model checker reports accesses to it that
/// nothing orders.
template <class T>
using plain = T;

/// Whether this is the model checker's view: sizes say nothing then.
inline constexpr bool model_checked = false;

/// Tells the core that this is a spin loop (and the model checker that others must run).
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace troupe::detail

#endif

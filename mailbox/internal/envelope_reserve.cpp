// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/internal/envelope_reserve.hpp>

#include <troupe/base/spin_lock.hpp>
#include <troupe/mailbox/internal/magazine.hpp>

#include <exception>
#include <mutex>

namespace troupe::detail {
namespace {

/// What a worker keeps of a class without sharing it is two magazines at most; one more, so that
/// something is left.
constexpr std::size_t per_worker = 3 * magazine::capacity;

/// A stack of envelopes.
class store {
 public:
  void want(std::size_t more) noexcept {
    const std::scoped_lock hold(lock_);
    wanted_ += more;
  }
  void want_less(std::size_t less) noexcept {
    const std::scoped_lock hold(lock_);
    wanted_ -= less;
  }
  bool is_short() noexcept {
    const std::scoped_lock hold(lock_);
    return present_ < wanted_;
  }
  void put(envelope& e) noexcept {
    const std::scoped_lock hold(lock_);
    e.next.store_relaxed(first_);  // private list: the lock orders it
    first_ = &e;
    ++present_;
  }
  envelope* take() noexcept {
    const std::scoped_lock hold(lock_);
    return pop();
  }
  /// One that nobody wants any more.
  envelope* take_surplus() noexcept {
    const std::scoped_lock hold(lock_);
    return present_ > wanted_ ? pop() : nullptr;
  }

 private:
  envelope* pop() noexcept {
    envelope* const e = first_;
    if (e == nullptr) return nullptr;
    first_ = static_cast<envelope*>(e->next.load_relaxed());  // private list
    --present_;
    return e;
  }

  spin_lock lock_;
  envelope* first_ = nullptr;
  std::size_t present_ = 0;
  std::size_t wanted_ = 0;
};

constinit store kept;

void fill() {
  while (kept.is_short()) kept.put(*acquire_envelope(0));
}

envelope* try_acquire() noexcept {
  try {
    return acquire_envelope(0);
  } catch (const std::exception&) {  // a std::bad_alloc where there is none for the text either
    return nullptr;
  }
}

void give_back(std::size_t count) noexcept {
  kept.want_less(count);
  while (envelope* const e = kept.take_surplus()) release_envelope(*e);
}

}  // namespace

envelope_reserve::envelope_reserve(std::size_t workers) : count_((workers + 1) * per_worker) {
  kept.want(count_);
  try {
    fill();
  } catch (...) {
    give_back(count_);
    throw;
  }
}

envelope_reserve::~envelope_reserve() { give_back(count_); }

envelope* acquire_reserved_envelope() noexcept {
  envelope* const e = try_acquire();
  if (e == nullptr) return kept.take();
  // One that is missing is replaced: whoever asks often replaces them all.
  if (kept.is_short()) {
    if (envelope* const spare = try_acquire()) kept.put(*spare);
  }
  return e;
}

}  // namespace troupe::detail

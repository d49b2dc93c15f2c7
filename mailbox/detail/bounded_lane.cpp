// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/detail/bounded_lane.hpp>

#include <mutex>
#include <utility>

namespace troupe::detail {

void bounded_lane::configure(mailbox_options options, std::uint32_t life) noexcept {
  const std::scoped_lock hold(lock_);
  options_ = options;
  life_ = life;
  taken_ = 0;
}

bool bounded_lane::is_full() const noexcept {
  if (options_.capacity == 0) return false;
  // Of what was taken a sender cannot drop the oldest: the owner does; see drops_taken().
  const std::size_t beside = options_.when_full == overflow::drop_oldest ? 0 : taken_;
  return size_.load_relaxed() + beside >= options_.capacity;  // under the lock
}

void bounded_lane::append(envelope& e) noexcept {
  e.next.store_relaxed(nullptr);  // under the lock
  if (first_ == nullptr) {
    first_ = &e;
  } else {
    last_->next.store_relaxed(&e);  // under the lock
  }
  last_ = &e;
  size_.store_seq_cst(size_.load_relaxed() + 1);  // [lane]
}

envelope* bounded_lane::take_first() noexcept {
  envelope* const e = first_;
  if (e == nullptr) return nullptr;
  first_ = static_cast<envelope*>(e->next.load_relaxed());  // under the lock
  size_.store_relaxed(size_.load_relaxed() - 1);            // the owner's own view is enough
  return e;
}

bounded_lane::waiter* bounded_lane::take_waiter() noexcept {
  waiter* const w = first_waiter_;
  if (w == nullptr) return nullptr;
  first_waiter_ = w->next;
  w->enlisted = false;
  return w;
}

bool bounded_lane::drops(std::uint32_t life) noexcept {
  const std::scoped_lock hold(lock_);
  if (life != life_ || options_.capacity == 0) return false;
  return options_.when_full == overflow::drop_newest || options_.when_full == overflow::drop_oldest;
}

bounded_lane::outcome bounded_lane::offer(envelope& e, envelope*& dropped) noexcept {
  const std::scoped_lock hold(lock_);
  if (e.target_generation != life_) return outcome::past_life;
  if (!is_full()) {
    append(e);
    return outcome::accepted;
  }
  switch (options_.when_full) {
    case overflow::fail:
      return outcome::full_fail;
    case overflow::drop_newest:
      return outcome::full_drop;
    case overflow::suspend:
      return outcome::full_suspend;
    case overflow::drop_oldest:
      break;
  }
  dropped = take_first();
  append(e);
  return outcome::dropped_oldest;
}

void bounded_lane::force(envelope& e) noexcept {
  const std::scoped_lock hold(lock_);
  append(e);
}

envelope* bounded_lane::pop() noexcept {
  envelope* e = nullptr;
  waiter* woken = nullptr;
  {
    const std::scoped_lock hold(lock_);
    e = take_first();
    if (e != nullptr && !is_full()) woken = take_waiter();
  }
  if (woken != nullptr) woken->wake(*woken);
  return e;
}

envelope* bounded_lane::take() noexcept {
  const std::scoped_lock hold(lock_);
  envelope* const e = take_first();
  if (e != nullptr) ++taken_;
  return e;
}

void bounded_lane::forget() noexcept {
  {
    const std::scoped_lock hold(lock_);
    --taken_;
  }
  wake_one();
}

bool bounded_lane::drops_taken() noexcept {
  const std::scoped_lock hold(lock_);
  return options_.capacity != 0 && options_.when_full == overflow::drop_oldest &&
         taken_ > options_.capacity;
}

bool bounded_lane::enlist(waiter& w, std::uint32_t life) noexcept {
  const std::scoped_lock hold(lock_);
  if (life != life_ || !is_full()) return false;
  w.next = nullptr;
  w.enlisted = true;
  if (first_waiter_ == nullptr) {
    first_waiter_ = &w;
  } else {
    last_waiter_->next = &w;
  }
  last_waiter_ = &w;
  return true;
}

bool bounded_lane::delist(waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  if (!w.enlisted) return false;
  waiter* before = nullptr;
  for (waiter* at = first_waiter_; at != &w; at = at->next) before = at;
  (before == nullptr ? first_waiter_ : before->next) = w.next;
  if (last_waiter_ == &w) last_waiter_ = before;
  w.enlisted = false;
  return true;
}

void bounded_lane::wake_one() noexcept {
  waiter* w = nullptr;
  {
    const std::scoped_lock hold(lock_);
    if (!is_full()) w = take_waiter();
  }
  if (w != nullptr) w->wake(*w);
}

void bounded_lane::wake_all() noexcept {
  const auto next = [this] {
    const std::scoped_lock hold(lock_);
    return take_waiter();
  };
  while (waiter* const w = next()) w->wake(*w);
}

}  // namespace troupe::detail

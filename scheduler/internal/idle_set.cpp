// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/idle_set.hpp>

#include <algorithm>
#include <mutex>

namespace troupe::detail {

worker* idle_set::take_one() noexcept {
  const std::scoped_lock hold(lock_);
  if (parked_.empty() || searching_.load_seq_cst() != 0) return nullptr;
  worker* const w = parked_.back();
  parked_.pop_back();
  parked_count_.fetch_sub_seq_cst(1);
  searching_.fetch_add_seq_cst(1);
  return w;
}

bool idle_set::begin_search() noexcept {
  if (2 * searching_.load_seq_cst() >= workers_) return false;
  searching_.fetch_add_seq_cst(1);
  return true;
}

void idle_set::add(worker& w) noexcept {
  const std::scoped_lock hold(lock_);
  parked_.push_back(&w);
  parked_count_.fetch_add_seq_cst(1);  // [park]
}

bool idle_set::remove(worker& w) noexcept {
  const std::scoped_lock hold(lock_);
  const auto at = std::find(parked_.begin(), parked_.end(), &w);
  if (at == parked_.end()) return false;
  parked_.erase(at);
  parked_count_.fetch_sub_seq_cst(1);
  return true;
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/rebalancer.hpp>

#include <troupe/io/internal/reactor.hpp>
#include <troupe/io/internal/socket.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

namespace troupe::io::detail {

void rebalancer::begin_look(edge_set& mine, std::uint64_t now_ns) noexcept {
  const auto period = static_cast<std::uint32_t>(now_ns / period_ns);
  if (period == period_) return;
  mine.ready_sockets.show(period_, ready_);
  if (period == period_ + 1) {
    plan(mine);
  } else {
    to_move_ = 0;  // it has slept in between
  }
  period_ = period;
  ready_ = 0;
}

void rebalancer::note(edge_set& mine, socket& s) noexcept {
  if (!s.is_stream.load_relaxed()) return;
  if (s.ready_period.load_relaxed() == period_) return;
  s.ready_period.store_relaxed(period_);
  ++ready_;
  if (to_move_ == 0 || !s.try_move(mine, *target_)) return;
  --to_move_;
  moved_.store_relaxed(moved_.load_relaxed() + 1);
}

/// At the end of a period.
void rebalancer::plan(const edge_set& mine) noexcept {
  to_move_ = 0;
  if (ready_ <= few) return;
  auto& home = *troupe::detail::current_scheduler();
  std::uint32_t least = ready_;
  for (std::size_t i = 0; i < home.worker_count(); ++i) {
    const edge_set& other = *reactor::of(home.worker_at(i)).edges();
    const std::uint32_t theirs = other.ready_sockets.lately(period_);
    if (&other == &mine || theirs >= least) continue;
    least = theirs;
    target_ = &home.worker_at(i);
  }
  if (ready_ > least + few && ready_ > ratio_ * least) to_move_ = (ready_ - least) / 2;
}

}  // namespace troupe::io::detail

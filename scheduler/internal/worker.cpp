// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/worker.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/section.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <algorithm>
#include <limits>

#include <sched.h>

namespace troupe::detail {

worker::worker(scheduler& home, std::uint32_t index, std::size_t stack_size,
               std::unique_ptr<poller> park)
    : home_(home),
      index_(index),
      park_(std::move(park)),
      random_(0x9e3779b97f4a7c15U * (index + 1)),
      generators_(stack_size, &worker::loop),
      timer_cache_(timer_entries()),
      wheel_(now_ns()) {
  generators_.give(generators_.take());  // so that the pool knows the size of its own
  park_->belong_to(*this);
}

worker::~worker() {
  drain_inbox();
  const auto discard = [this](timer_node& node) {
    auto& entry = static_cast<timer_entry&>(node);
    const std::uint64_t life = timer_entry::life_of(entry.word.load_relaxed());  // threads are gone
    if (!entry.transition(life, timer_state::armed, timer_state::free)) return;
    discard_envelope(*entry.parcel.load_relaxed());
    free_timer_entry(entry);
  };
  while (wheel_.size() > 0) {
    wheel_.advance(std::numeric_limits<std::uint64_t>::max(),
                   std::numeric_limits<std::size_t>::max(), discard);
  }
}

void worker::push(task& t) noexcept {
  expect_work();
  if (t.prio.get() != priority::normal) {
    push_ring(t, t.prio.get());
    return;
  }
  task* const displaced = std::exchange(lifo_, &t);
  if (displaced != nullptr) push_ring(*displaced, priority::normal);
}

void worker::push_behind(task& t) noexcept {
  expect_work();
  push_ring(t, t.prio.get());
}

void worker::push_yielded(task& t) noexcept {
  yielded_.push(&t);
  // What this worker runs next may keep it for long: another one may have to take the task.
  if (home_.idle().worth_waking()) home_.wake_one();
}

void worker::push_ring(task& t, priority prio) noexcept {
  auto& ring = rings_[static_cast<std::size_t>(prio)];
  const bool overflows = !ring.try_push(&t);
  if (overflows) {
    // Full: half of it becomes everyone's. Not the newcomer: it may be what had just come back.
    task* half[run_ring<task>::capacity / 2];
    const std::size_t taken = ring.take_half(half);
    home_.injected().push_all(half, taken);
    if (!ring.try_push(&t)) home_.injected().push(&t);
  }
  if (home_.idle().worth_waking()) return home_.wake_one();
  if (overflows) home_.hurry_overdue();
  if (home_.some_are_watched_rarely() && ring.size() >= much) home_.call_watches();
}

void worker::relieve() noexcept {
  if (lifo_ == nullptr || !home_.idle().worth_waking()) return;
  push_ring(*std::exchange(lifo_, nullptr), priority::normal);
}

bool worker::has_fresh() const noexcept {
  if (lifo_ != nullptr || run_next_ != nullptr) return true;
  for (const auto& ring : rings_) {
    if (ring.size() != 0) return true;
  }
  return false;
}

bool worker::batch_work_waits() const noexcept {
  return !yielded_.empty() || !home_.preempted().empty();
}

void worker::note_overdue_from(std::uint64_t from_ns) noexcept {
  overdue_from_ns_.store_relaxed(from_ns);  // [overdue]
  overdue_.store_seq_cst(turn_);            // [overdue]
  home_.note_overdue();
}

bool worker::hurry_overdue(std::uint64_t now_ns) noexcept {
  std::uint64_t turn = overdue_.load_seq_cst();                             // [overdue]
  if (turn == 0 || now_ns < overdue_from_ns_.load_relaxed()) return false;  // [overdue]
  // Only one of several shall hurry it: nothing is published.
  if (!overdue_.compare_exchange_acq_rel(turn, 0) || turn != ticks()) return false;
  note_watched_closely();
  hurry_carrier();
  return true;
}

void worker::hurry_watch() noexcept {
  if (watched_rarely_.exchange_seq_cst(false)) hurry_carrier();  // [rarely]
}

void worker::hurry_carrier() noexcept {
  carrier* const c = carrier_.load_acquire();  // pairs with bind(), give()
  if (c != nullptr && c->watch != nullptr) c->watch->hurry();
}

bool worker::note_watched_rarely(std::uint64_t now_ns) noexcept {
  watched_rarely_.store_seq_cst(true);  // [rarely]
  home_.note_watched_rarely();
  if (!park_->has_interest() && !fresh_work_waits(now_ns) && !others_have_much()) return true;
  note_watched_closely();
  return false;
}

/// More than they can run soon: it is to be stolen, once this worker is free.
bool worker::others_have_much() const noexcept {
  for (std::size_t i = 0; i < home_.worker_count(); ++i) {
    const worker& w = home_.worker_at(i);
    if (&w != this && w.rings_[static_cast<std::size_t>(priority::normal)].size() >= much) {
      return true;
    }
  }
  return false;
}

void worker::call_in_reserve() noexcept {
  if (!watched_rarely_.load_seq_cst()) return;  // [rarely]
  in_reserve_.store_relaxed(true);              // a hint
  hurry_watch();
}

void worker::be_watched_closely() noexcept {
  note_watched_closely();
  carrier_watch* const watch = this_carrier()->watch.get();
  if (watch != nullptr) watch->look_closely();
}

bool worker::fresh_work_waits(std::uint64_t now_ns) const noexcept {
  return has_fresh() || !home_.injected().empty() || !home_.returning().empty() ||
         inbox_.has_pushed() || wheel_.next_deadline_ns().value_or(never_ns) <= now_ns ||
         park_->is_ready();
}

void worker::note_cpu(std::uint64_t now_ns) noexcept {
  cpu_.store_relaxed(::sched_getcpu());  // a hint
  seen_there_ns_.store_relaxed(now_ns);  // likewise
}

bool worker::shares_cpu(std::uint64_t now_ns) const noexcept {
  constexpr std::uint64_t moment_ns = 3'000'000;  // who computes alone is seen rarely, and may move
  constexpr std::size_t most_asked = 64;          // arbitrary: a few microseconds
  const int here = cpu_.load_relaxed();           // a hint
  const std::size_t count = home_.worker_count();
  for (std::size_t i = 1; i < std::min(count, most_asked); ++i) {
    const worker& w = home_.worker_at((index_ + i) % count);
    if (w.cpu_.load_relaxed() != here || w.is_parked()) continue;            // hints
    if (now_ns <= w.seen_there_ns_.load_relaxed() + moment_ns) return true;  // likewise
  }
  return false;
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/clock.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/raw_generator.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <algorithm>
#include <utility>

namespace troupe::detail {

/// Counts the turn.
inline bool worker::look_is_due() noexcept {
  const std::uint32_t left = turns_until_look_.load_relaxed() - 1;  // own thread's
  turns_until_look_.store_relaxed(left);                            // own thread's
  return left == 0;
}

task* worker::next() {
  begin_turn();
  if (run_next_ != nullptr) return std::exchange(run_next_, nullptr);
  if (look_is_due()) return next_after_look();
  if (task* const t = pick_by_turn()) return t;
  return search();
}

/// Now and then, and whenever another carrier has taken the worker over.
task* worker::next_after_look() {
  look_around();
  task* t = pop(home_.returning());
  if (t == nullptr) t = pick_by_turn();
  if (t == nullptr) t = search();
  // One that is frozen has yet to wake up, and notes the time itself.
  if (t != nullptr && (t->pinned.get() == nullptr || t->pinned.get()->frozen_on == nullptr)) {
    note_take_over();
  }
  return t;
}

// Of eight turns, one begins with the tasks that have had a turn, one with low and one with normal
// priority: so none of them starves. All others take the order of pick_local. Preempted tasks have
// turns as long as their quantum, so their share is one of time instead: where fresh ones never run
// out, they have seven times as long as the preempted one had.
task* worker::pick_by_turn() noexcept {
  task* t = nullptr;
  switch (turn_ % 8) {
    case 0:
      if (preempted_since_ns_ != 0) end_preempted_turn(now_ns());  // it was not stopped
      break;
    case 7:
      t = preempted_are_due() ? pop_batch() : yielded_.pop();
      break;
    case 5:
      t = pick_normal();
      break;
    case 3:
      t = rings_[static_cast<std::size_t>(priority::low)].pop();
      break;
    default:
      break;
  }
  return t != nullptr ? t : pick_local();
}

task* worker::pop(injector<task>& queue) noexcept {
  task* t = nullptr;
  return queue.empty() || queue.pop(&t, 1) == 0 ? nullptr : t;
}

bool worker::others_wait() {
  if (look_is_due()) look_around();
  return has_fresh() || batch_work_waits() || !home_.returning().empty() ||
         !home_.injected().empty();
}

task* worker::pick_local() noexcept {
  task* const t = pick_fresh();
  return t != nullptr ? t : pop_batch();
}

task* worker::pick_fresh() noexcept {
  if (task* const t = rings_[static_cast<std::size_t>(priority::high)].pop()) return t;
  if (task* const t = pick_normal()) return t;
  return rings_[static_cast<std::size_t>(priority::low)].pop();
}

bool worker::preempted_are_due() noexcept {
  if (home_.preempted().empty()) return false;
  const std::uint64_t now = now_ns();
  end_preempted_turn(now);
  return now >= preempted_due_ns_;
}

/// If one is noted. It may have lasted for long, while nobody waited: what counts is no more than
/// it can have had once somebody did.
void worker::end_preempted_turn(std::uint64_t now) noexcept {
  if (preempted_since_ns_ == 0) return;
  const std::uint64_t since = std::exchange(preempted_since_ns_, 0);
  const std::uint64_t most = 2 * home_.preemption()->fresh_quantum_ns();
  preempted_due_ns_ = now + fresh_share * std::min(std::max(now, since) - since, most);
}

void worker::begin_preempted_turn() noexcept {
  begin_turn();
  const std::uint64_t now = now_ns();
  end_preempted_turn(now);
  preempted_since_ns_ = now;
}

/// Batch work: those whose carriers have come back; then those that yielded here and those that
/// were preempted anywhere, in turn, unless fresh work has arrived. What a carrier is frozen in
/// never goes into a ring: when all carriers are in use, it must be found.
task* worker::pop_batch() noexcept {
  if (task* const t = pop(home_.returning())) return t;
  if (home_.preempted().empty()) return yielded_.pop();
  if (task* const t = pick_arrived()) return t;
  yielded_turn_ = !yielded_turn_;
  task* const t = yielded_turn_ ? yielded_.pop() : nullptr;
  if (t != nullptr) return t;
  task* const preempted = pop(home_.preempted());
  if (preempted != nullptr) preempted_since_ns_ = now_ns();
  return preempted;
}

/// A preempted task may keep its worker for a quantum, and what has arrived since the last look
/// would wait for as long. Unless it is the preempted ones' turn.
task* worker::pick_arrived() noexcept {
  if (preempted_are_due()) return nullptr;
  look_around(!searching_);  // who searches would not be woken for: it looks at events afterwards
  return pick_fresh();
}

task* worker::pick_normal() noexcept {
  if (lifo_ != nullptr && lifo_runs_ < lifo_in_a_row) {
    ++lifo_runs_;
    return std::exchange(lifo_, nullptr);
  }
  lifo_runs_ = 0;
  if (task* const t = rings_[static_cast<std::size_t>(priority::normal)].pop()) return t;
  return std::exchange(lifo_, nullptr);
}

/// How many tasks a look should queue. What the ring has no room for makes half of it everyone's,
/// and that comes back behind all others: who has waited longest would wait longer. Some in any
/// case: where tasks that are always runnable keep the ring full, nobody else starves.
std::size_t worker::room() const noexcept {
  const auto& ring = rings_[static_cast<std::size_t>(priority::normal)];
  return std::max<std::size_t>(run_ring<task>::capacity - ring.size(), always_room);
}

/// How many events a look should handle.
std::size_t worker::event_budget() const noexcept {
  return std::min(home_.events_per_turn(), room());
}

/// Queues a fair share of what comes from outside, in its order; false: there was nothing.
bool worker::import_injected() noexcept {
  auto& injected = home_.injected();
  const std::size_t waiting = injected.size();
  if (waiting == 0) return has_fresh();
  task* taken[most_injected];
  const std::size_t most = std::clamp<std::size_t>(room() / 2, always_room, most_injected);
  const std::size_t share = std::clamp<std::size_t>(waiting / home_.worker_count(), 1, most);
  const std::size_t n = injected.pop(taken, share);
  for (std::size_t i = 0; i < n; ++i) push_ring(*taken[i], taken[i]->prio.get());
  return has_fresh();
}

// What a busy worker does now and then: timers, inbox, I/O, and work from outside.
void worker::look_around(bool also_at_events) {
  turns_until_look_.store_relaxed(turns_between_looks);  // own thread's
  if (++looks_ % looks_between_reports == 0) report_turns();
  drain_inbox();
  advance_timers();
  import_injected();
  if (also_at_events) look_at_events();
}

/// Now and then: to read the clock takes as long as a turn.
void worker::report_turns() noexcept {
  carrier_watch* const watch = this_carrier()->watch.get();
  if (watch != nullptr) watch->turns_pass(now_ns());
}

void worker::look_at_events() {
  const bool worth_it = park_->has_interest();
  last_events_ = worth_it ? park_->poll(event_budget()) : 0;
}

/// If a signal has taken this worker from a behavior: the next one is about to run.
void worker::note_take_over() noexcept {
  if (signal_ns_ == 0) return;
  home_.counts().note_latency(now_ns() - std::exchange(signal_ns_, 0));
}

std::size_t worker::advance_timers() {
  if (wheel_.size() == 0) return 0;
  return wheel_.advance(now_ns(), timers_per_look,
                        [this](timer_node& node) { fire(static_cast<timer_entry&>(node)); });
}

void worker::drain_inbox() noexcept {
  while (queue_node* const node = inbox_.front()) {
    if (inbox_.unlink_front() == mpsc_queue::unlinked::stalled) return;  // next look finds it
    auto& entry = static_cast<timer_entry&>(*node);
    const std::uint64_t life = timer_entry::life_of(entry.word.load_acquire());  // [life]
    if (entry.transition(life, timer_state::posted, timer_state::armed)) {
      wheel_.arm(entry, entry.deadline_ns);
    } else {  // cancelled by another thread, which owned the parcel
      wheel_.cancel(entry);
      free_timer_entry(entry);
    }
  }
}

void worker::fire(timer_entry& entry) noexcept {
  const std::uint64_t life = timer_entry::life_of(entry.word.load_relaxed());  // own life: exact
  if (!entry.transition(life, timer_state::armed, timer_state::free)) {
    return;  // cancelled meanwhile: on its way to the inbox, and freed there
  }
  task& target = *entry.target;
  envelope& parcel = *entry.parcel.load_relaxed();  // [life]
  const deliver_parcel deliver = entry.deliver;
  free_timer_entry(entry);
  deliver(target, parcel);
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/clock.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <algorithm>

namespace troupe::detail {
namespace {

// How long to look before parking. One that is woken soon after it has parked had better looked on:
// for as long as it takes to sleep and be woken, half of which the waker pays (competitive
// spinning: Karlin, Li, Manasse and Owicki, SOSP 1991).
constexpr int pauses_per_round = 16;                // some 0.7 us
constexpr int rounds_at_first = 4;                  // arbitrary
constexpr int rounds_after_doze = 16;               // 12 us: a wake-up on a virtual machine
constexpr std::uint64_t longest_doze_ns = 20'000;   // the same, with what to park takes itself
constexpr std::uint64_t first_rest_ns = 1'000'000;  // see idle_set.hpp, [park]

}  // namespace

/// Nothing to do here: looks elsewhere, then parks, until there is work. nullptr: the scheduler
/// stops.
task* worker::search() {
  // To park asks the kernel for events as well, and comes back at once if there are any: so it is
  // asked before that only where much else may have to be done first, or where events come thick
  // and fast: then the worker looks for more of them, and around once more, before it sleeps.
  // Whoever leaves with work has asked, once: what a wait has left behind comes after the actors.
  bool ask = last_events_ >= event_budget() || work_in_sight();
  bool asked = false;
  for (;;) {
    look_around(ask);
    asked = asked || ask;
    task* t = pick_local();
    const bool lays_down = t == nullptr && home_.may_lay_down();
    if (t == nullptr && !lays_down) {
      if (!searching_) searching_ = home_.idle().begin_search();
      if (searching_ && home_.worker_count() > 1) t = try_to_steal();
    }
    if (searching_) end_search(t != nullptr);
    if (lays_down) return nullptr;
    if (t != nullptr) {
      if (!asked) look_at_events();
      rested_ = false;
      begin_turn();  // neither the search nor a sleep is the behavior's time
      be_watched();
      return t;
    }
    if (!asked && last_events_ > 1) {
      ask = true;
      continue;
    }
    asked = park_until_news();
    ask = !asked;
  }
}

/// While we searched, nobody else was woken: so the last searcher that goes back to work lets
/// another one look if it leaves work behind, its own or anybody's.
void worker::end_search(bool found) noexcept {
  searching_ = false;
  if (home_.idle().end_search() && found && (lifo_ != nullptr || work_in_sight())) home_.wake_one();
}

task* worker::try_to_steal() noexcept {
  // Who has sockets to look after, sleeps where it hears of them.
  const bool searches_on = has_dozed_ && !park_->has_interest();
  const int rounds = searches_on ? rounds_after_doze : rounds_at_first;
  for (int round = 0; round < rounds; ++round) {
    if (task* const t = steal_once()) return t;
    if (!home_.returning().empty() || inbox_.has_pushed()) break;  // for this to be looked at
    for (int i = 0; i < pauses_per_round; ++i) spin_pause();
  }
  return nullptr;
}

task* worker::steal_once() noexcept {
  // xorshift (Marsaglia, 2003): thieves start at different victims
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const std::size_t n = home_.worker_count();
  for (std::size_t i = 0; i < n; ++i) {
    worker& victim = home_.worker_at((random_ + i) % n);
    if (&victim == this) continue;
    if (task* const t = steal_from(victim)) return t;
  }
  return import_injected() ? pick_local() : nullptr;
}

task* worker::steal_from(worker& victim) noexcept {
  for (std::size_t p = 0; p < rings_.size(); ++p) {
    if (victim.rings_[p].size() == 0) continue;
    if (task* const t = victim.rings_[p].steal(rings_[p])) return t;
  }
  return victim.yielded_.steal(yielded_);
}

bool worker::work_in_sight() noexcept {
  if (!home_.injected().empty() || !home_.preempted().empty() || !home_.returning().empty())
    return true;
  if (inbox_.has_pushed()) return true;
  for (std::size_t i = 0; i < home_.worker_count(); ++i) {
    const worker& w = home_.worker_at(i);
    if (!w.yielded_.empty()) return true;
    for (const auto& ring : w.rings_) {
      if (ring.size() != 0) return true;
    }
  }
  return false;
}

/// False: it has not slept, nor looked for events.
bool worker::park_until_news() {
  home_.note_idle(*this);
  signal_ns_ = 0;               // nobody runs next: there is nothing to be measured
  preempted_since_ns_ = 0;      // nor does anybody wait who could have had that time
  parked_.store_seq_cst(true);  // pairs with post_to_inbox: push, then look at parked_
  home_.idle().add(*this);      // [park]
  const bool sleeps = !work_in_sight() && !home_.may_lay_down();
  if (sleeps) {
    sleep();
  } else {
    leave_parked();
  }
  return sleeps;
}

/// Then handles what it has slept for: as one that is parked no more, which therefore wakes others
/// for what it queues, but not itself.
void worker::sleep() {
  const std::uint64_t begin = now_ns();
  std::uint64_t deadline = wheel_.next_deadline_ns().value_or(never_ns);
  // Nobody wakes it when the last behavior that goes on without a worker ends.
  if (!rested_ || home_.stopping()) deadline = std::min(deadline, begin + first_rest_ns);
  last_events_ = park_->wait_until(deadline, event_budget(), [this] {
    leave_parked();
    begin_turn();  // R3 counts from here: a sleep is not a turn that takes too long
  });
  const std::uint64_t end = now_ns();
  has_dozed_ = searching_ && end - begin <= longest_doze_ns;  // and somebody woke it
  const bool timed_out = end >= deadline && end - begin >= first_rest_ns;
  rested_ = last_events_ == 0 && !searching_ && timed_out;
}

void worker::leave_parked() noexcept {
  if (!home_.idle().remove(*this)) searching_ = true;  // whoever woke us counted us as a searcher
  parked_.store_relaxed(false);                        // a wake() too many does no harm
}

/// After a long sleep, before behaviors run again.
void worker::be_watched() noexcept {
  carrier_watch* const watch = this_carrier()->watch.get();
  if (watch != nullptr && !watch->armed.load_relaxed()) watch->bound();  // own thread's
}

}  // namespace troupe::detail

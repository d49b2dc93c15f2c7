// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// When a carrier that is bound is looked at next. An interrupt takes longer than to set the timer
// anew (docs/decisions/0012), so one comes only when there may be something to do.

#include <troupe/base/clock.hpp>
#include <troupe/base/section.hpp>
#include <troupe/preempt/internal/monitor.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/preempt/internal/watch.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <algorithm>
#include <atomic>

namespace troupe::detail {
namespace {

constexpr int close_looks_after_news = 8;                         // arbitrary
constexpr std::uint64_t longest_look_ns = standing_still_ns / 2;  // who is not deaf shows it twice

}  // namespace

std::uint64_t watch::lateness_ns() const noexcept { return owner_.period_ns() / 8; }

void watch::look_next_period() noexcept { look_in(owner_.period_ns()); }

/// Every signal that finds the carrier bound says when the next one is to come. Should one be lost,
/// another comes some time later. (A timer that is periodic in earnest would be set twice for each
/// signal: by the kernel as well.)
void watch::look_in(std::uint64_t ns) noexcept {
  period_timer_.set(ns, std::max(owner_.period_ns(), longest_look_ns));
}

void watch::turns_pass(std::uint64_t now) noexcept {
  const std::uint64_t period = owner_.period_ns();
  if (period_timer_.first_due_ns() <= now + period / 4) look_closely();
}

/// A signal that comes meanwhile finds nothing to do.
void watch::look_closely() noexcept {
  if (state_ != state::bound || needs_interrupts()) return;
  if (!armed.load_relaxed()) return;  // own thread's; bound() sets the timer
  state_ = state::resting;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  taken_.store_relaxed(taken_.load_relaxed() + 1);  // not deaf so far
  close_looks_ = close_looks_after_news;
  look_next_period();
  std::atomic_signal_fence(std::memory_order_seq_cst);
  state_ = state::bound;
}

void watch::look_when_period_ends(std::uint64_t now) noexcept {
  const std::uint64_t period = owner_.period_ns();
  const std::uint64_t ran = now - since_ns_;
  look_in(ran < period ? period - ran : period);
}

/// Nobody waits, and the behavior is overdue, or will be when it has had its quantum.
void watch::let_run(worker& w, std::uint64_t now, bool called) noexcept {
  const std::uint64_t period = owner_.period_ns();
  w.current()->quantum_over.store_relaxed(true);  // own task
  w.note_overdue_from(since_ns_ + owner_.quanta_of(*w.current()).fresh_ns - lateness_ns());
  // Who has made work itself is likely to do so again; who cannot be called must look.
  const bool often =
      needs_interrupts() || called || close_looks_ > 0 || out_of_reach_.load_relaxed();  // a hint
  if (close_looks_ > 0) --close_looks_;
  const std::uint64_t next = often ? period : until_due_ns(w, now);
  look_in(next <= period || w.note_watched_rarely(now) ? next : period);
}

/// How long the behavior, for which nobody has to make way now, may run before that may change
/// without anybody saying so.
std::uint64_t watch::until_due_ns(const worker& w, std::uint64_t now) const noexcept {
  const std::uint64_t ran = now - since_ns_;
  const std::uint64_t batch = owner_.quanta_of(*w.current()).batch_ns;
  // Preempted ones that come later wait for a quantum of theirs again, at most.
  std::uint64_t most = std::min(batch, std::max(owner_.period_ns(), longest_look_ns));
  // A blocking call that begins now would take the worker's time until then: not much more than the
  // behavior has used.
  most = std::min(most, 3 * (used_before_ns_ + ran));
  if (w.batch_work_waits() && ran < batch) most = std::min(most, batch - ran);
  if (!time_.is_settled()) {
    most = std::min(most, std::max(owner_.period_ns(), owner_.long_ones().after_ns() / 8));
  }
  const std::uint64_t timer = w.next_timer_ns();
  most = std::min(most, timer > now ? timer - now : 0);
  return std::max(most, soon_ns);
}

/// In a section: mostly the runtime's own, which is over soon, and calls then. So the timer's own
/// period is soon enough for what is left to do here.
void watch::put_off(std::uint64_t now) noexcept {
  if (now - since_ns_ < owner_.period_ns() / 2) return look_next_period();
  owner_.home().counts().deferrals.fetch_add_relaxed(1);  // [count]
  ++uncredited_;
  put_off_ = true;
  call_after_section(&watch::catch_up_here);
  if (put_off_since_ns_ == 0) put_off_since_ns_ = now;
  // Rule R3: a frozen behavior may hold what the section waits for.
  if (now - put_off_since_ns_ > standing_still_ns) owner_.home().rescue();
  if (period_timer_.period_ns() > longest_look_ns) look_in(longest_look_ns);
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/signal_preemptor.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/system_limits.hpp>
#include <troupe/preempt/internal/actor_record.hpp>
#include <troupe/preempt/internal/library_ranges.hpp>
#include <troupe/preempt/internal/signal.hpp>
#include <troupe/preempt/internal/watch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe::detail {
namespace {

std::uint64_t to_ns(std::chrono::nanoseconds t) noexcept {
  return static_cast<std::uint64_t>(t.count());
}

std::uint64_t too_long_ns(const preemption_options& o) noexcept {
  return o.warn_after.count() == 0 ? never_ns : to_ns(o.warn_after);
}

/// Without the ranges of the C library nobody could be frozen safely. What is in the program itself
/// cannot be told apart.
preemption usable_mode(preemption wanted) {
  collect_library_ranges();
  if (wanted != preemption::full || knows_c_library()) return wanted;
  static constinit atomic<bool> warned{false};
  if (!warned.exchange_acq_rel(true)) {  // nothing is published
    std::fputs(
        "troupe: the C library is part of the program (linked statically), so that nobody can tell "
        "where it holds locks: preemption::isolate in place of preemption::full\n",
        stderr);
  }
  return preemption::isolate;
}

}  // namespace

signal_preemptor::signal_preemptor(scheduler& home, const preemption_options& o)
    : home_(home),
      mode_(usable_mode(o.mode)),
      source_(o.source),
      signal_(o.signal != 0 ? o.signal : default_preemption_signal()),
      quanta_{to_ns(o.fresh_quantum), to_ns(o.batch_quantum)},
      period_ns_(std::min(quanta_.fresh_ns, quanta_.batch_ns)),
      recruiter_(home, *this),
      monitor_(home, *this),
      long_behaviors_(too_long_ns(o)),
      reporter_(long_behaviors_, o.on_long_behavior) {
  handle_preemption_signal(signal_);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
  sigdelset(&mask_, signal_);
}

std::unique_ptr<carrier_watch> signal_preemptor::watch(carrier& c) {
  return std::make_unique<detail::watch>(*this, c);
}

namespace {

void warn_without_proc() noexcept {
  static constinit atomic<bool> warned{false};
  if (::access("/proc/self/maps", R_OK) == 0 || warned.exchange_acq_rel(true)) return;  // as above
  std::fputs(
      "troupe: /proc cannot be read: warnings of long behaviors come without their stacks, and "
      "where the machine is busy, behaviors are let go that need not be (see rescues)\n",
      stderr);
}

}  // namespace

void signal_preemptor::start() {
  warn_without_proc();
  recruiter_.start();
  monitor_.start();
  if (long_behaviors_.after_ns() != never_ns) reporter_.start();
}

void signal_preemptor::stop() noexcept {
  recruiter_.stop();
  monitor_.stop();
  reporter_.stop();
}

namespace {

void warn_of_timers(atomic<bool>& warned, const char* consequence) noexcept {
  if (warned.exchange_acq_rel(true)) return;  // nothing is published
  std::fprintf(
      stderr,
      "troupe: the kernel has no timer left for a carrier (limit: RLIMIT_SIGPENDING is %s, "
      "for all processes of the user): %s\n",
      resource_limit(RLIMIT_SIGPENDING).c_str(), consequence);
}

}  // namespace

void signal_preemptor::warn_of_no_timer() noexcept {
  warn_of_timers(
      warned_of_timer_,
      "the monitor interrupts its behaviors instead, if it can: real-time signals cannot "
      "be raised either when that limit is reached, others can (setting: "
      "preemption_options::signal)");
}

void signal_preemptor::warn_of_no_unbound_timer() noexcept {
  warn_of_timers(warned_of_unbound_timer_,
                 "a behavior that comes back from a blocking call goes on without a worker, beside "
                 "the others, until it waits");
}

signal_preemptor::quanta signal_preemptor::quanta_of(const task& running) const noexcept {
  const actor_record* const r = actor_record::find(running);
  if (r == nullptr) return quanta_;
  const std::uint64_t fresh_us = r->fresh_us();
  const std::uint64_t batch_us = r->batch_us();
  return {fresh_us != 0 ? fresh_us * 1000 : quanta_.fresh_ns,
          batch_us != 0 ? batch_us * 1000 : quanta_.batch_ns};
}

void signal_preemptor::shorten_period(std::chrono::microseconds quantum) noexcept {
  const std::uint64_t wanted = to_ns(quantum);
  std::uint64_t present = period_ns_.load_relaxed();  // see there
  while (wanted < present && !period_ns_.compare_exchange_weak_acq_rel(present, wanted)) {
  }
}

void set_quanta(scheduler& home, const task& actor, std::chrono::microseconds fresh,
                std::chrono::microseconds batch) noexcept {
  actor_record::open(actor)->set_quanta(fresh, batch);
  auto* const preemptor = static_cast<signal_preemptor*>(home.preemption());
  if (preemptor == nullptr || !preemptor->freezes()) return;  // nobody's quanta matter
  for (const auto quantum : {fresh, batch}) {
    if (quantum.count() != 0) preemptor->shorten_period(quantum);
  }
}

preemption_statistics preemption_of(scheduler& home) noexcept {
  const carrier_counts& c = home.counts();  // counters: relaxed throughout
  preemption_statistics s;
  s.preemptions = c.preemptions.load_relaxed();
  s.deferrals = c.deferrals.load_relaxed();
  s.unbinds = c.unbinds.load_relaxed();
  s.rescues = c.rescues.load_relaxed();
  s.left_running = c.left_running.load_relaxed();
  s.long_behaviors = c.long_behaviors.load_relaxed();
  s.carriers.bound = c.bound.load_relaxed();
  s.carriers.spare = c.spare.load_relaxed();
  const std::size_t frozen = c.frozen.load_relaxed();
  s.carriers.returning = std::min(frozen, home.returning().size());
  s.carriers.frozen = frozen - s.carriers.returning;
  s.carriers.unbound = c.unbound.load_relaxed();
  static_assert(std::tuple_size_v<decltype(s.latency)> == std::tuple_size_v<decltype(c.latency)>);
  for (std::size_t i = 0; i < s.latency.size(); ++i) s.latency[i] = c.latency[i].load_relaxed();
  return s;
}

preemptor_factory make_preemptor(const preemption_options& options) {
  if (options.mode == preemption::off) return {};
  return [options](scheduler& home) { return std::make_unique<signal_preemptor>(home, options); };
}

}  // namespace troupe::detail

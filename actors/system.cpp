// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/system.hpp>

#include <troupe/actors/internal/inspect.hpp>
#include <troupe/actors/internal/system_core.hpp>
#include <troupe/base/clock.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/preempt/internal/quantum.hpp>
#include <troupe/preempt/internal/signal.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/stack_overflow.hpp>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

namespace troupe {
namespace {

template <class Value>
void require(const char* field, Value value, Value least, Value most) {
  if (value >= least && value <= most) return;
  throw std::invalid_argument("troupe: " + std::string(field) + " = " + std::to_string(value) +
                              " is not from " + std::to_string(least) + " to " +
                              std::to_string(most));
}

/// Fills in what was left to us.
void validate(preemption_options& o, std::size_t workers) {
  require("preemption_options::mode", static_cast<int>(o.mode), 0,
          static_cast<int>(preemption::off));
  require("preemption_options::source", static_cast<int>(o.source), 0,
          static_cast<int>(signal_source::monitor));
  detail::require_quantum("preemption_options::fresh_quantum", o.fresh_quantum);
  detail::require_quantum("preemption_options::batch_quantum", o.batch_quantum);
  constexpr std::int64_t most_warn_ms = 3'600'000;
  require<std::int64_t>("preemption_options::warn_after (ms)", o.warn_after.count(), 0,
                        most_warn_ms);
  if (o.max_carriers == 0) o.max_carriers = std::max<std::size_t>(1'024, 2 * workers);
  require<std::size_t>("preemption_options::max_carriers", o.max_carriers, workers + 1, SIZE_MAX);
  if (o.signal != 0 && !detail::is_usable_signal(o.signal)) {
    throw std::invalid_argument("troupe: preemption_options::signal = " + std::to_string(o.signal) +
                                " cannot be used for preemption");
  }
}

system_options validated(system_options o) {
  constexpr std::size_t most_workers = 1024;
  constexpr std::size_t least_stack = std::size_t{16} * 1024;
  constexpr std::size_t most_stack = std::size_t{1024} * 1024 * 1024;
  require<std::size_t>("system_options::workers", o.workers, 0, most_workers);
  require<std::size_t>("system_options::stack_size", o.stack_size, least_stack, most_stack);
  require<std::size_t>("system_options::messages_per_activation", o.messages_per_activation, 1,
                       SIZE_MAX);
  constexpr std::int64_t most_ms = INT64_MAX / 1'000'000;  // what nanoseconds can count
  require<std::int64_t>("system_options::shutdown_deadline (ms)", o.shutdown_deadline.count(), 0,
                        most_ms);
  if (o.workers == 0) {
    o.workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, most_workers);
  }
  constexpr std::size_t most_events = 1024;
  require<std::size_t>("io.events_per_turn", o.io.events_per_turn, 1, most_events);
  if (o.io.rebalance_ratio != 0) require("io.rebalance_ratio", o.io.rebalance_ratio, 1.5, 1000.0);
  validate(o.preempt, o.workers);
  return o;
}

bool identify_overflow(const void*, char* text, std::size_t size) {
  const detail::task* const t = detail::current_task();
  if (t == nullptr) return false;
  const detail::task_identity who = t->type.load_relaxed()->identify(*t);
  const auto type_size = static_cast<int>(who.type.size());
  if (who.id != 0) {
    std::snprintf(text, size, "actor %u '%.*s' (%.*s)", static_cast<unsigned>(who.id & 0xffffffff),
                  static_cast<int>(who.name.size()), who.name.data(), type_size, who.type.data());
  } else if (type_size != 0) {
    std::snprintf(text, size, "a %.*s", type_size, who.type.data());
  }
  return t->is_actor && static_cast<const detail::control_block*>(t)->kind().is_direct();
}

// To stderr: why the destructor goes on waiting.
void report_survivors(const shutdown_report& report) {
  std::size_t jobs = 0;
  for (const survivor& s : report.survivors) {
    if (s.id == 0) {
      ++jobs;
      continue;
    }
    std::fprintf(stderr, "troupe: actor %llu '%s' (%s) has not ended after shutdown_deadline; %s\n",
                 static_cast<unsigned long long>(s.id & 0xffffffff), s.name.c_str(), s.type.c_str(),
                 s.state.c_str());
  }
  if (jobs != 0) {
    std::fprintf(stderr, "troupe: %zu job%s not finished after shutdown_deadline\n", jobs,
                 jobs == 1 ? " has" : "s have");
  }
}

}  // namespace

system::system(system_options options)
    : core_(std::make_unique<detail::system_core>(*this, validated(std::move(options)))) {
  detail::install_overflow_report();
  detail::set_overflow_identity(&identify_overflow);
  core_->start();
}

system::~system() {
  require_outside();
  const auto patience =
      std::chrono::duration_cast<std::chrono::nanoseconds>(options().shutdown_deadline);
  core_->end_all(detail::deadline_after(detail::now_ns(), patience));
  try {
    report_survivors({core_->find_survivors()});
  } catch (const std::bad_alloc&) {
    std::fputs("troupe: some actors have not ended after shutdown_deadline\n", stderr);
  }
  core_->end_all(detail::never_ns);  // at once when the report is clean and no job is left
}

void system::await_actors() {
  require_outside();
  core_->await_actors();
}

shutdown_report system::shutdown(time_span deadline) {
  require_outside();
  return core_->shut_down(detail::deadline_after(detail::now_ns(), deadline));
}

std::size_t system::worker_count() const noexcept { return core_->worker_count(); }
io::reactor_ref system::reactor(std::size_t worker) const {
  if (worker >= worker_count()) {
    throw std::out_of_range("troupe: system::reactor(" + std::to_string(worker) +
                            "): the system has " + std::to_string(worker_count()) + " workers");
  }
  return io::detail::reactor::of(core_->worker_at(worker)).ref();
}
std::size_t system::actor_count() const noexcept { return core_->live_actors(); }
std::uint64_t system::dead_letter_count() const noexcept { return core_->dead_letters(); }
preemption_statistics system::preemption() const noexcept { return detail::preemption_of(*core_); }
std::vector<actor_statistics> system::actors() const { return detail::inspect_actors(*core_); }
const system_options& system::options() const noexcept { return core_->configuration(); }

void system::require_plain_thread() {
  if (detail::this_carrier() != nullptr) {
    throw std::logic_error(
        "troupe: system::ask blocks its thread; a behavior has context::ask instead");
  }
}

void system::require_outside() const {
  if (detail::current_scheduler() == core_.get()) {
    throw std::logic_error(
        "troupe: this function of system waits for the behavior or job that has called it; "
        "context::monitor and counter::wait are for those");
  }
}

}  // namespace troupe

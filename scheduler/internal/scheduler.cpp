// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/scheduler.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/scheduler/internal/hand_over.hpp>

#include <algorithm>
#include <utility>

namespace troupe::detail {

scheduler::scheduler(options o)
    : options_(std::move(o)),
      carriers_(*this, std::max(options_.max_carriers, options_.workers)),
      idle_(options_.workers) {
  workers_.reserve(options_.workers);
  for (std::size_t i = 0; i < options_.workers; ++i) {
    workers_.push_back(std::make_unique<worker>(*this, static_cast<std::uint32_t>(i),
                                                options_.stack_size, options_.make_poller(i)));
  }
  if (options_.make_preemptor) preemptor_ = options_.make_preemptor(*this);
}

scheduler::~scheduler() { stop(); }

void scheduler::start() {
  try {
    for (auto& w : workers_) carriers_.start(w.get(), preemptor_.get());
    if (preemptor_ != nullptr) preemptor_->start();
  } catch (...) {
    stop();
    throw;
  }
}

void scheduler::stop() noexcept {
  if (preemptor_ != nullptr) preemptor_->stop();
  stopping_.store_seq_cst(true);  // before the wake-ups: a worker that parks later sees it
  for (auto& w : workers_) w->wake();
  carriers_.stop();
}

void scheduler::requeue(task& t) noexcept {
  preempted_.push(&t);
  if (idle_.worth_waking()) wake_one();  // [park]
}

void scheduler::queue_returning(task& t) noexcept {
  returning_.push(&t);
  if (idle_.worth_waking()) {  // [park]
    wake_one();
  } else {
    hurry_overdue();
  }
}

task* scheduler::take_frozen() noexcept {
  task* t = nullptr;
  return returning_.pop(&t, 1) != 0 || preempted_.pop(&t, 1) != 0 ? t : nullptr;
}

task* scheduler::take_likely_holder() noexcept {
  constexpr std::uint32_t turns_of_the_oldest = 16;  // arbitrary: it must not starve
  constexpr std::size_t most_walked = 128;           // arbitrary: under a microsecond
  if (blocked_turns_.fetch_add_relaxed(1) % turns_of_the_oldest != 0 &&
      preempted_.size() <= most_walked) {
    return preempted_.pop_newest();
  }
  task* t = nullptr;
  return preempted_.pop(&t, 1) != 0 ? t : nullptr;
}

void scheduler::rescue() noexcept {
  for (injector<task>* const queue : {&preempted_, &returning_}) {
    for (task* t = queue->try_take_all(hand_over::may_be_let_go); t != nullptr;) {
      task* const next = t->run_link;        // before it may be queued again
      counts_.rescues.fetch_add_relaxed(1);  // [count]
      hand_over::let_go(*std::exchange(t, next));
    }
  }
}

void scheduler::inject(task& t) noexcept {
  injected_.push(&t);
  if (idle_.worth_waking()) {  // [park]
    wake_one();
  } else {
    hurry_overdue();
  }
}

void scheduler::call_watches() noexcept {
  some_watched_rarely_.store_relaxed(false);  // a hint
  for (auto& w : workers_) w->call_watch();
}

/// One is hurried; those that nobody would look at for long stand by: the kernel may let the one
/// wait.
void scheduler::hurry_some() noexcept {
  some_overdue_.store_seq_cst(false);  // [overdue]
  const std::uint64_t now = now_ns();
  bool hurried = false;
  bool others = false;
  for (auto& w : workers_) {
    if (!hurried && w->hurry_overdue(now)) {
      hurried = true;
    } else {
      w->call_in_reserve();
      others = others || w->is_noted_overdue();
    }
  }
  if (others) note_overdue();
}

void scheduler::wake_one() noexcept {
  if (worker* const w = idle_.take_one()) w->wake();
}

}  // namespace troupe::detail

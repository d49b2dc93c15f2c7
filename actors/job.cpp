// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/job.hpp>

#include <troupe/actors/detail/wait.hpp>
#include <troupe/actors/exit_reason.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace troupe {
namespace detail {
namespace {

void settle(system_core& core, job_counter* done, std::exception_ptr error) noexcept {
  if (done != nullptr) {
    done->finish(std::move(error));
  } else if (error != nullptr) {
    report_failure(core, {0, "", "job", exit_reason(std::move(error)).what()});
  }
}

// Called and left within a section, like every activation.
void activate_job(task& t) {
  auto& job = static_cast<job_task&>(t);
  auto& core = *static_cast<system_core*>(job.home.load_relaxed());
  leave_section();
  std::exception_ptr error;
  try {
    job.call(job);
  } catch (...) {
    error = std::current_exception();
  }
  job.destroy(job);
  settle(core, job.done, std::move(error));
  enter_section();
  core.give_job(job);
  core.job_ends();
}

task_identity identify_job(const task& t) noexcept {
  const auto& job = static_cast<const job_task&>(t);
  return {.type = "job", .code = reinterpret_cast<std::uintptr_t>(job.call)};
}

void before_wait(task&) {}

constexpr task_type job_type = {&activate_job, &before_wait, &take_answers, &identify_job};

}  // namespace

job_task& claim_job(system_core& core) {
  const section guard;
  job_task& job = *core.take_job();
  core.job_begins();
  job.home.store_relaxed(&core);  // published by start
  job.type.store_relaxed(&job_type);
  job.prio.set(priority::normal);
  return job;
}

void abandon_job(job_task& job) noexcept {
  const section guard;
  auto& core = *static_cast<system_core*>(job.home.load_relaxed());
  core.give_job(job);
  core.job_ends();
}

void start(job_task& job) noexcept { schedule_behind(job); }

system_core& this_system() {
  scheduler* const home = current_scheduler();
  if (home == nullptr || current_task() == nullptr) {
    throw std::logic_error(
        "troupe: not in a behavior or job; a plain thread starts jobs by system::run and so on");
  }
  return *static_cast<system_core*>(home);
}

std::size_t default_grain(system_core& core, std::size_t total) noexcept {
  constexpr std::size_t chunks_per_worker = 4;  // arbitrary: room for uneven chunks
  return std::max<std::size_t>(1, total / (core.worker_count() * chunks_per_worker));
}

void job_counter::finish(std::exception_ptr error, std::size_t jobs) noexcept {
  if (error == nullptr) {
    std::size_t seen = pending_.load_relaxed();  // only a guess for the exchange
    while (seen > jobs) {
      if (pending_.compare_exchange_weak_acq_rel(seen, seen - jobs)) return;  // [not-last]
    }
  }
  const std::scoped_lock hold(lock_);  // to the end: after it, counter and waiters may be gone
  if (error != nullptr && error_ == nullptr) error_.swap(error);
  const std::size_t left = pending_.fetch_sub_acq_rel(jobs) - jobs;  // [not-last]
  if (left != 0) return;
  rounds_.store_release(rounds_.load_relaxed() + 1);  // pairs with wait_as_thread
  rounds_.notify_all();
  for (waiter* woken = std::exchange(waiters_, nullptr); woken != nullptr;) {
    waiter* const next = woken->next;  // the waiter is gone once it has its envelope
    post_control(*woken->waiting, *woken->wake);
    woken = next;
  }
}

bool job_counter::enlist(waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  if (pending_.load_relaxed() == 0) return false;
  w.next = std::exchange(waiters_, &w);
  return true;
}

bool job_counter::delist(waiter& w) noexcept {
  const std::scoped_lock hold(lock_);
  for (waiter** at = &waiters_; *at != nullptr; at = &(*at)->next) {
    if (*at != &w) continue;
    *at = w.next;
    return true;
  }
  return false;
}

void job_counter::wait_as_task() {
  task& self = waiting_task();
  for (;;) {
    envelope_ptr wake = make_wake(self, self.next_request_id());
    waiter w{nullptr, &self, wake->request_id, wake.get()};
    if (!enlist(w)) return;
    static_cast<void>(wake.release());  // finish() posts it
    try {
      static_cast<void>(await_answer(self, w.request, never_ns, /*unbreakable=*/true));
    } catch (...) {  // no stack for the worker: `w` must not stay behind
      if (delist(w)) discard_envelope(*w.wake);
      throw;
    }
  }
}

void job_counter::wait_as_thread() noexcept {
  for (;;) {
    std::uint32_t round = 0;
    {
      const std::scoped_lock hold(lock_);
      if (pending_.load_relaxed() == 0) return;
      round = rounds_.load_relaxed();  // written under the lock
    }
    rounds_.wait_acquire(round);
  }
}

void job_counter::wait_for_all() {
  if (current_task() != nullptr) {
    wait_as_task();
  } else {
    wait_as_thread();
  }
}

void job_counter::wait() {
  wait_for_all();
  rethrow_error();
}

void job_counter::rethrow_error() {
  std::exception_ptr error;
  {
    const std::scoped_lock hold(lock_);  // also: finish() is out of this object when we get it
    error_.swap(error);
  }
  if (error != nullptr) std::rethrow_exception(error);
}

void job_counter::wait_to_the_end() noexcept {
  while (!settled()) {
    try {
      wait_for_all();
    } catch (...) {  // no stack to be had for the worker: others must end first
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace detail

void sleep_for(time_span wait) {
  if (detail::current_task() == nullptr) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
  } else {
    detail::sleep_until(detail::deadline_after(detail::now_ns(), wait));
  }
}

}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// A job: a task that calls one function once. It lives in type-stable memory while it runs.

#include <troupe/base/spin_lock.hpp>
#include <troupe/scheduler/detail/schedule.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace troupe::detail {

class system_core;

/// What is behind troupe::counter.
/// Orderings: everything is under `lock_`, but for
///   [more] jobs that come, whoever starts them publishes them;
///   [not-last] jobs that end while others are left: each releases what it has done to the last
///          one, and is out of here with that step, as the counter may be gone when the last is.
///   [count] pending(), a moment's truth.
class job_counter {
 public:
  void add(std::size_t jobs) noexcept { pending_.fetch_add_relaxed(jobs); }  // [more]
  /// So many jobs have finished; `error` is what left one, or null. Wakes who waits when they were
  /// the last.
  void finish(std::exception_ptr error, std::size_t jobs = 1) noexcept;
  void wait();
  /// Waits until nothing is pending, also where there is no memory for a wait.
  void wait_to_the_end() noexcept;
  /// What has left a job, to one who asks.
  void rethrow_error();
  /// Nothing is pending, and no finish() is at work in here any more.
  bool settled() noexcept {
    lock_.lock();
    const bool none = pending_.load_relaxed() == 0;
    lock_.unlock();
    return none;
  }
  std::size_t pending() const noexcept { return pending_.load_relaxed(); }  // [count]

 private:
  /// One per waiting behavior, on its stack.
  struct waiter {
    waiter* next;
    task* waiting;
    std::uint32_t request;
    envelope* wake;  ///< prepared, so that finish() cannot fail
  };

  bool enlist(waiter& w) noexcept;
  void wait_for_all();
  void wait_as_task();
  void wait_as_thread() noexcept;
  /// False: finish() has taken the waiter, and its wake-up has been posted or is about to be.
  bool delist(waiter& w) noexcept;

  spin_lock lock_;
  atomic<std::size_t> pending_{0};   // becomes 0 under the lock
  atomic<std::uint32_t> rounds_{0};  // times that pending_ has become 0; what plain threads wait on
  waiter* waiters_ = nullptr;
  std::exception_ptr error_;
};

/// Jobs that are about to be started, and are counted already. Those that are not, because
/// something throws, are not counted any more when this ends.
class announced_jobs {
 public:
  announced_jobs(job_counter* c, std::size_t jobs) noexcept : counter_(c), left_(jobs) {
    if (counter_ != nullptr) counter_->add(jobs);
  }
  ~announced_jobs() {
    if (counter_ != nullptr && left_ != 0) counter_->finish(nullptr, left_);
  }
  announced_jobs(const announced_jobs&) = delete;
  announced_jobs& operator=(const announced_jobs&) = delete;
  void note_start() noexcept { --left_; }

 private:
  job_counter* counter_;
  std::size_t left_;
};

class job_task : public task {
 public:
  void (*call)(job_task&) = nullptr;  ///< runs the function
  void (*destroy)(job_task&) noexcept = nullptr;
  job_counter* done = nullptr;
  void* function = nullptr;
  static constexpr std::size_t storage_size = 56;
  alignas(void*) std::byte storage[storage_size];
};

/// A job without a function, the caller's alone. Throws std::system_error.
job_task& claim_job(system_core& core);
void abandon_job(job_task& job) noexcept;
void start(job_task& job) noexcept;
/// The system whose behavior or job calls. Throws std::logic_error on a plain thread.
system_core& this_system();
/// Chunk size that gives each worker a few chunks.
std::size_t default_grain(system_core& core, std::size_t total) noexcept;

template <class F, class Value>
void launch_job(system_core& core, Value&& function, job_counter* done) {
  static_assert(std::is_invocable_v<F&>, "troupe: a job is called without arguments");
  constexpr bool is_inline = sizeof(F) <= job_task::storage_size && alignof(F) <= alignof(void*);
  job_task& job = claim_job(core);
  try {
    if constexpr (is_inline) {
      job.function = ::new (static_cast<void*>(job.storage)) F(std::forward<Value>(function));
    } else {
      job.function = new F(std::forward<Value>(function));
    }
  } catch (...) {
    abandon_job(job);
    throw;
  }
  job.done = done;
  job.call = [](job_task& j) { (*static_cast<F*>(j.function))(); };
  job.destroy = [](job_task& j) noexcept {
    if constexpr (is_inline) {
      static_cast<F*>(j.function)->~F();
    } else {
      delete static_cast<F*>(j.function);
    }
  };
  start(job);
}

}  // namespace troupe::detail

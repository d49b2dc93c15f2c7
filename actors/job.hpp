// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/detail/job_task.hpp>
#include <troupe/base/time_span.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace troupe {

/// Counts jobs that have not finished. Thread-safe.
class counter {
 public:
  counter() = default;
  /// Waits, if that has not been done: the jobs use the counter, and mostly what lives beside it.
  /// An exception of theirs that nobody has waited for is lost. Where nothing may wait, within
  /// no_preempt or a condition of receive, it keeps its worker meanwhile, which the jobs may need.
  ~counter() {
    if (!state_.settled()) state_.wait_to_the_end();
  }
  counter(const counter&) = delete;
  counter& operator=(const counter&) = delete;

  /// Returns when all jobs started with this counter have finished. **Suspends** a behavior or job
  /// (the worker goes on with others, so jobs may wait for the jobs they start), blocks a plain
  /// thread.
  /// **Errors** rethrows the first exception that left one of the jobs, to one of those who wait;
  /// the counter can be used again then. In an actor that is asked to end it still waits: the jobs
  /// may use what the caller owns.
  void wait() { state_.wait(); }

  /// Jobs not finished yet, those included that a call is about to start. A moment's truth.
  std::size_t pending() const noexcept { return state_.pending(); }

  /// For the layers of the runtime.
  detail::job_counter& state() noexcept { return state_; }

 private:
  detail::job_counter state_;
};

namespace detail {

template <class F>
void start_job(system_core& core, F&& job, counter* done) {
  job_counter* const counts = done != nullptr ? &done->state() : nullptr;
  announced_jobs announced(counts, 1);
  launch_job<std::decay_t<F>>(core, std::forward<F>(job), counts);
  announced.note_start();
}

template <class F>
void start_jobs(system_core& core, std::size_t n, F job, counter& done) {
  announced_jobs announced(&done.state(), n);
  for (std::size_t i = 0; i < n; ++i) {
    auto call = [job, i]() mutable { job(i); };
    launch_job<decltype(call)>(core, std::move(call), &done.state());
    announced.note_start();
  }
}

template <class Range>
using job_in = std::iter_value_t<decltype(std::begin(std::declval<Range&>()))>&;
template <class Range>
concept range_of_jobs = std::is_invocable_v<job_in<Range>>;

template <class Jobs>
void start_each(system_core& core, Jobs& jobs, counter& done) {
  for (auto&& job : jobs) start_job(core, std::forward<decltype(job)>(job), &done);
}

template <class Range>
concept random_access = requires(Range& range) {
  { std::begin(range) } -> std::random_access_iterator;
  { std::end(range) } -> std::same_as<decltype(std::begin(range))>;
};

/// Calls chunk(begin, end) for the chunks of [0, total), each as a job, and waits for them.
template <class Chunk>
void for_each_chunk(system_core& core, std::size_t total, std::size_t grain, const Chunk& chunk) {
  const std::size_t step = grain != 0 ? grain : default_grain(core, total);
  if (task* const self = current_task()) {  // before the first job: nobody could wait for it
    refuse_in_section();
    refuse_nested(*self);
  }
  counter done;  // whose destructor waits when something throws: the jobs use `chunk`
  for (std::size_t begin = 0; begin < total; begin += step) {
    const std::size_t end = total - begin < step ? total : begin + step;
    start_job(
        core, [&chunk, begin, end] { chunk(begin, end); }, &done);
  }
  done.state().wait_to_the_end();
  done.state().rethrow_error();
}

template <class Index, class F>
void parallel_for(system_core& core, Index first, Index last, F body, std::size_t grain) {
  static_assert(std::is_integral_v<Index> || std::random_access_iterator<Index>,
                "troupe: parallel_for runs over integers, random-access iterators and ranges");
  if (!(first < last)) return;
  if constexpr (std::is_integral_v<Index>) {
    using distance =
        std::make_unsigned_t<Index>;  // modulo arithmetic: a range may be longer than Index
    const auto low = static_cast<distance>(first);
    const auto total = static_cast<distance>(static_cast<distance>(last) - low);
    for_each_chunk(core, total, grain, [&body, low](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        body(static_cast<Index>(static_cast<distance>(low + static_cast<distance>(i))));
      }
    });
  } else {
    using distance = std::iter_difference_t<Index>;
    const auto total = static_cast<std::size_t>(last - first);
    for_each_chunk(core, total, grain, [&body, &first](std::size_t begin, std::size_t end) {
      const Index stop = first + static_cast<distance>(end);
      for (Index at = first + static_cast<distance>(begin); at != stop; ++at) body(*at);
    });
  }
}

}  // namespace detail

// Jobs: functions that run once, in parallel, on the workers. A job may wait like a behavior does
// (counter::wait, sleep_for, yield) and start further jobs. The functions below are for behaviors
// and jobs, whose system they use; they throw std::logic_error on a plain thread, which has
// system::run and so on instead. **Suspends** never, except parallel_for.

/// Runs `job()` on some worker; `done` counts it. Its exception goes to `done.wait()`.
template <class F>
void run(F&& job, counter& done) {
  detail::start_job(detail::this_system(), std::forward<F>(job), &done);
}

/// Runs `job()` on some worker. An exception that leaves it is reported as an actor's failure is.
template <class F>
void run(F&& job) {
  detail::start_job(detail::this_system(), std::forward<F>(job), nullptr);
}

/// Runs `job(0)` to `job(n - 1)`, each as a job with a copy of the callable.
template <class F>
void run_many(std::size_t n, F job, counter& done) {
  detail::start_jobs(detail::this_system(), n, std::move(job), done);
}

/// Runs each callable of a range, for example of a std::vector<std::function<void()>>, as a job
/// with a copy of it (what a std::move_iterator gives is moved).
template <detail::range_of_jobs Jobs>
void run_many(Jobs&& jobs, counter& done) {
  detail::start_each(detail::this_system(), jobs, done);
}

/// Calls `body(i)` for each i in [first, last), in chunks of `grain` (0: a few chunks a worker), in
/// parallel, and returns when all are done. Of random-access iterators it calls `body(*i)`.
/// **Suspends** until then. **Errors** the first exception that left `body`; the other chunks still
/// run. std::logic_error, before any runs, within no_preempt and in a condition of receive.
template <class Index, class F>
void parallel_for(Index first, Index last, F body, std::size_t grain = 0) {
  detail::parallel_for(detail::this_system(), first, last, std::move(body), grain);
}
/// The same for the elements of a random-access range: `parallel_for(vector, body)`.
template <detail::random_access Range, class F>
void parallel_for(Range&& range, F body, std::size_t grain = 0) {
  detail::parallel_for(detail::this_system(), std::begin(range), std::end(range), std::move(body),
                       grain);
}

/// Suspends the calling behavior or job for at least that long; blocks a plain thread.
void sleep_for(time_span wait);

}  // namespace troupe

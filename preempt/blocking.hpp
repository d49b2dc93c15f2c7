// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <utility>

namespace troupe {

namespace detail {

/// While it lives, the behavior that made it goes on without a worker, if a carrier is to be had.
/// Where it has none already, nothing changes.
class without_worker {
 public:
  without_worker();
  ~without_worker();
  without_worker(const without_worker&) = delete;
  without_worker& operator=(const without_worker&) = delete;

 private:
  const bool had_worker_;
};

}  // namespace detail

/// Calls `f()`, which is known to block its thread (a file, a lock, a library), while the worker
/// goes on with others: at once, where preemption would find out after a while. The behavior gets a
/// worker again before blocking() returns, one within another before the outer one does; unless a
/// worker stands still, perhaps for a lock that the behavior holds: then it goes on without until
/// it waits. With preemption off, and on a plain thread, it just calls. **Errors** what `f` throws;
/// std::logic_error within no_preempt.
template <class F>
decltype(auto) blocking(F&& f) {
  const detail::without_worker scope;
  return std::forward<F>(f)();
}

}  // namespace troupe

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Where names are looked up. getaddrinfo() blocks, for as long as a server of names takes, and
// nothing ends it. So the threads it is called on belong to the process, not to a system: who waits
// for an answer may leave, and so may its system, and the process may end.
//
// A behavior takes the lock outside of sections, and the threads are plain ones: it is like any
// std::mutex of a program's (docs/decisions/0007). While its holder is frozen, others who want it
// are asleep in the kernel, and their workers go on without them.

#include <troupe/io/endpoint.hpp>
#include <troupe/io/internal/readiness.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace troupe::io::detail {

/// A name to look up, which a behavior and a thread share: the behavior may leave at any moment,
/// the thread goes on until the system's resolver answers.
struct lookup {
  lookup(std::string name, std::string service) noexcept
      : host(std::move(name)), port(std::move(service)) {}

  const std::string host;
  const std::string port;
  readiness done;
  // Written before `done` is reported.
  std::error_code error;
  std::vector<endpoint> found;

 private:
  friend class lookup_threads;
  using queue = std::list<std::shared_ptr<lookup>>;
  // Guarded by the threads' lock.
  bool waits_ = false;
  queue::iterator place_;  // while it waits
};

class lookup_threads {
 public:
  /// The process's. They are never destroyed: a thread may come back from getaddrinfo() when all
  /// else is over. A child of fork() has none of the threads, as it has none of a system's.
  static lookup_threads& all();

  /// Up to `most` threads, which are started when needed and end after `patience` without work.
  /// Must outlive them.
  lookup_threads(std::size_t most, std::chrono::milliseconds patience) noexcept
      : most_(most), patience_(patience) {}
  lookup_threads(const lookup_threads&) = delete;
  lookup_threads& operator=(const lookup_threads&) = delete;

  /// Has it looked up behind all that wait already, and then reported (end_wait()). Answers an
  /// error, and forgets it, when there is no thread and none can be started. Any thread, outside a
  /// section. Throws std::bad_alloc.
  [[nodiscard]] std::error_code begin(const std::shared_ptr<lookup>& l);

  /// Nobody waits for it any more: one that has not begun yet never does. Any thread, outside a
  /// section.
  void forget(lookup& l) noexcept;

  std::size_t thread_count() const;

 private:
  std::error_code start_thread() noexcept;
  void run() noexcept;

  const std::size_t most_;
  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable begun_;
  lookup::queue waiting_;
  std::size_t threads_ = 0;
  std::size_t free_ = 0;  // those of them that will take what waits
};

}  // namespace troupe::io::detail

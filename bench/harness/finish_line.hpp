// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace troupe::bench {

/// Lets the thread that measures wait until a number of actors have done their part.
class finish_line {
 public:
  explicit finish_line(std::uint64_t expected = 1) : missing_(expected) {}

  /// From an actor: its part is done. Holds a lock for an instant, so not for use per message.
  void cross() {
    const std::scoped_lock lock(mutex_);
    if (--missing_ == 0) crossed_.notify_all();
  }

  /// From the measuring thread: blocks until all have crossed.
  void wait() {
    std::unique_lock lock(mutex_);
    crossed_.wait(lock, [this] { return missing_ == 0; });
  }

  /// As wait(), but gives up after `limit`; false then.
  bool wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return crossed_.wait_for(lock, limit, [this] { return missing_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable crossed_;
  std::uint64_t missing_;
};

}  // namespace troupe::bench

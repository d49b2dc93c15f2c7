// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <atomic>
#include <csignal>

namespace examples {

/// SIGINT and SIGTERM, blocked in this thread and in those that it starts from now on, so that the
/// main thread can wait for them like for anything else. Made before the first thread.
class stop_signals {
 public:
  stop_signals();

  /// Blocks until one of them comes, or finish() has been called. True: it was finish().
  bool wait();

  /// Ends wait(). From any thread.
  void finish();

 private:
  sigset_t set_{};
  std::atomic<bool> finished_{false};
};

}  // namespace examples

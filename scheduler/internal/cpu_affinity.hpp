// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <sys/types.h>

#include <sched.h>

namespace troupe::detail {

/// Brings a thread that sleeps to the CPU of the one that wakes it and goes to sleep in its stead.
///
/// Left to itself, the kernel wakes a thread on the CPU where it last ran. If somebody computes
/// there, the thread waits for its turn, while the CPU of the one that woke it idles: with two
/// CPUs that was half of all wake-ups. So for the moment of the wake-up the thread may run on one
/// CPU only; once awake, it may run wherever it might before, and the kernel may move it. Also when
/// it went to sleep on this CPU: the kernel may have moved it since, or find another one better.
class cpu_affinity {
 public:
  /// Own thread, before anybody else uses the object.
  void begin() noexcept;

  /// Whoever is about to wake the thread. Signal handlers too. What fails, changes nothing.
  void bring_here() noexcept;
  /// Own thread, once awake.
  void set_free() noexcept;

 private:
  pid_t thread_ = 0;
  bool brought_ = false;
  bool unrestricted_ = false;  // at the beginning: nobody had chosen CPUs for the thread
  cpu_set_t usual_{};          // where it could run at the beginning
  cpu_set_t allowed_{};        // before it was brought
};

}  // namespace troupe::detail

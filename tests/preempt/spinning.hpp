// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the tests of preemption share: behaviors that do not let go, and how one sees that others
// run all the same.

#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace troupe::test {

/// Why tests of behaviors that block are skipped under ThreadSanitizer (TROUPE_TSAN).
inline constexpr const char* deaf_while_blocked =
    "ThreadSanitizer holds back the signals of a thread that waits for a lock, in read(2) or in "
    "another's std::call_once: nobody finds out that it blocks";

/// One turn of a loop that keeps its thread. ThreadSanitizer delivers signals only where it
/// intercepts a function, so there it calls one.
inline void spin_once() {
  if constexpr (TROUPE_TSAN) {
    static_cast<void>(std::chrono::steady_clock::now());
  } else {
    asm volatile("pause");
  }
}

template <class Condition>
void spin_until(Condition&& condition) {
  while (!condition()) spin_once();
}

/// Looks at the clock now and then only: to read it is library code, where nobody is frozen.
inline void spin_for(std::chrono::nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 1'000; ++i) spin_once();
  }
}

/// Waits until no actor of `sys` lives. What is stuck cannot be unstuck: then the process is
/// aborted, which leaves its stacks in a core file.
inline void must_end(system& sys) {
  if (eventually([&] { return sys.actor_count() == 0; })) return;
  ADD_FAILURE() << sys.actor_count() << " actors are stuck; " << seed_message();
  const auto s = sys.preemption();
  std::printf(
      "%llu preemptions, %llu unbinds; carriers: %zu bound, %zu spare, %zu frozen, %zu unbound\n",
      static_cast<unsigned long long>(s.preemptions), static_cast<unsigned long long>(s.unbinds),
      s.carriers.bound, s.carriers.spare, s.carriers.frozen, s.carriers.unbound);
  std::fflush(nullptr);
  std::abort();
}

/// The same for a condition.
template <class Condition>
void must_come(system& sys, Condition&& condition) {
  if (eventually(condition)) return;
  ADD_FAILURE() << "it never comes; " << seed_message();
  sys.shutdown(std::chrono::seconds(0));
  must_end(sys);
}

/// How often a worker has been taken from its behavior.
inline std::uint64_t times_taken(const system& sys) {
  const preemption_statistics s = sys.preemption();
  return s.preemptions + s.unbinds;
}

struct get {};

struct echo : actor<int(get)> {
  int on(get) { return 1; }
};

struct beat {};

/// Keeps sending to itself. Beside it on a system with one worker, a behavior that sees the count
/// move without having waited has been preempted.
struct pulse : actor<void(beat)> {
  explicit pulse(std::atomic<std::uint64_t>& n) : beats(&n) {}
  void on(beat) {
    beats->fetch_add(1);
    self().ref().send(beat{});
  }
  std::atomic<std::uint64_t>* beats;
};

/// A system with one worker on which something else is always ready to run.
class contended_worker {
 public:
  explicit contended_worker(const system_options& options = {}) : sys(one_worker(options)) {
    pulse_ = sys.spawn<pulse>(beats_);
    pulse_.send(beat{});
  }
  ~contended_worker() { end(); }
  contended_worker(const contended_worker&) = delete;
  contended_worker& operator=(const contended_worker&) = delete;

  /// Keeps the thread until the caller, a behavior, has been preempted that many times.
  void be_preempted(int times) const {
    for (int i = 0; i < times; ++i) {
      const std::uint64_t now = beats_.load();
      spin_until([&] { return beats_.load() != now; });
    }
  }

  /// Returns when all actors have ended: those that are beside the pulse by themselves.
  void end() {
    static_cast<void>(eventually([&] { return sys.actor_count() <= 1; }));
    pulse_.kill();
    must_end(sys);
  }

  std::uint64_t beats() const { return beats_.load(); }

 private:
  static system_options one_worker(const system_options& options) {
    system_options o = options;
    o.workers = 1;
    return o;
  }
  std::atomic<std::uint64_t> beats_{0};

 public:
  system sys;

 private:
  ref_of<pulse> pulse_;
};

}  // namespace troupe::test

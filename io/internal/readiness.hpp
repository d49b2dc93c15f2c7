// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Whether one direction of a socket is worth a system call, and who waits until it is.
//
// The kernel reports changes (edges) only, so what was reported is kept here until it is used.
// Roles: the *user*, one behavior at a time on whichever worker; the *reporter*, the thread that
// polls the socket's edge_set, or that looks up the name which is waited for. Nothing has to be
// started or cancelled at the reporter's: that is why a behavior may wait on any worker, and may
// give up at any moment.
//
// There may be two reporters for a while: one that still has an event of the slot's earlier life in
// hand, or that of the reactor which watched the socket before. States of word_:
//   | word_        | meaning                                         | left by                        |
//   | idle         | would block when last tried; nobody waits       | report: ready; park: envelope  |
//   | ready        | worth a try                                     | clear: idle                    |
//   | an envelope  | would block; its post ends the user's wait      | report: posting; withdraw: idle|
//   | posting      | a reporter is posting the envelope              | posted, by that reporter: ready|
// Orderings:
//   [edge] report() is always a read-modify-write, also from ready to ready: the user that clears a
//          report acquires everything that the reporter noted before it. So is posted(): it passes
//          on what another reporter noted that came while the envelope was posted.
//   [park] the compare_exchange that parks releases the envelope to the reporter that takes it.
// The user never leaves while the reporter posts to it: so an envelope is posted only to a task
// that lives, or that had its notice requested. posting lasts for one post_control().

#include <troupe/base/atomic.hpp>
#include <troupe/mailbox/detail/envelope.hpp>

#include <cstdint>

#include <sched.h>

namespace troupe::io::detail {

using troupe::detail::envelope;

class readiness {
 public:
  enum class state { idle, ready, waited_for };

  // Reporter.

  /// Something has changed. Answers the envelope to post, with posted() after it; nullptr for none.
  [[nodiscard]] envelope* report() noexcept {
    std::uintptr_t seen = word_.load_relaxed();  // only a guess for the exchange
    for (;;) {
      // When another reporter is posting, it is the one to say ready: only then may the user park
      // again, and the next report take what it parks.
      if (word_.compare_exchange_acq_rel(seen,
                                         seen >= posting ? posting : ready)) {  // [edge] [park]
        return seen > posting ? reinterpret_cast<envelope*>(seen) : nullptr;
      }
    }
  }
  void posted() noexcept { word_.exchange_release(ready); }  // from posting; [edge]

  /// A guess.
  bool is_ready() const noexcept { return word_.load_relaxed() == ready; }

  // User.

  /// Uses up what was reported, before the system call: what is reported after it, stays. Answers
  /// the state before: idle means that the call would block, waited_for that somebody else waits
  /// already.
  state clear() noexcept {
    for (;;) {
      std::uintptr_t seen = settled();
      if (seen == idle) return state::idle;
      if (seen != ready) return state::waited_for;
      if (word_.compare_exchange_acq_rel(seen, idle)) return state::ready;  // [edge]
    }
  }

  /// The user itself knows better: the next call is worth a try.
  void set_ready() noexcept {
    std::uintptr_t expected = idle;
    static_cast<void>(word_.compare_exchange_acq_rel(expected, ready));
  }

  /// After clear(): waits for the next report, which takes the envelope. Answers idle when it does
  /// wait, else ready or waited_for; the envelope is the caller's then.
  [[nodiscard]] state park(envelope& e) noexcept {
    std::uintptr_t expected = settled();
    if (expected == idle &&
        word_.compare_exchange_acq_rel(expected, reinterpret_cast<std::uintptr_t>(&e))) {  // [park]
      return state::idle;
    }
    return expected <= posting ? state::ready : state::waited_for;
  }

  /// Gives up the wait. True: the envelope is the caller's again. False: it has been posted.
  [[nodiscard]] bool withdraw(envelope& e) noexcept {
    auto expected = reinterpret_cast<std::uintptr_t>(&e);
    if (word_.compare_exchange_acq_rel(expected, idle)) return true;
    static_cast<void>(settled());
    return false;
  }

  /// Gives up whatever wait there is: its envelope, or nullptr. The reporter is through with it.
  [[nodiscard]] envelope* withdraw_any() noexcept {
    for (;;) {
      std::uintptr_t seen = settled();
      if (seen <= posting) return nullptr;
      if (word_.compare_exchange_acq_rel(seen, idle)) return reinterpret_cast<envelope*>(seen);
    }
  }

  bool is_waited_for() const noexcept { return word_.load_relaxed() > posting; }

  /// A new life of the socket begins; nobody else has it.
  void reset(bool is_ready) noexcept { word_.store_relaxed(is_ready ? ready : idle); }

 private:
  static constexpr std::uintptr_t idle = 0;
  static constexpr std::uintptr_t ready = 1;
  static constexpr std::uintptr_t posting = 2;

  /// The word, once it is not `posting`.
  std::uintptr_t settled() const noexcept {
    constexpr int spins = 64;  // arbitrary: some 2 us, more than a post takes
    for (int i = 0;; ++i) {
      const std::uintptr_t seen = word_.load_acquire();  // [edge]
      if (seen != posting) return seen;
      if (i < spins) {
        troupe::detail::spin_pause();
      } else {
        ::sched_yield();  // the reporter's thread has lost its core
      }
    }
  }

  troupe::detail::atomic<std::uintptr_t> word_{idle};
};

}  // namespace troupe::io::detail

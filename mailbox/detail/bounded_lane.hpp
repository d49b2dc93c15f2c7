// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The user lane of a bounded mailbox: a list under a spin lock, which can refuse, drop from either
// end and keep senders waiting. It stands beside the mpsc_queue, whose idle bit goes on to say
// whether the actor is idle; only the messages travel here.
//
// A lane stays with its control block for good: a sender with an old handle may still hold its
// address, so an offer is judged by the life it is meant for and the bound of that life in one
// step. Orderings:
//   [lane] everything is under the lock, but `size_`: stored seq_cst by a sender, who then looks at
//          the idle bit, and loaded seq_cst by the owner after it went idle (Dekker's pattern).

#include <troupe/base/spin_lock.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/mailbox/overflow.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::detail {

class bounded_lane {
 public:
  /// A sender that waits for room; lives on the sender's stack while it is enlisted.
  struct waiter {
    void (*wake)(
        waiter&) noexcept;  ///< called once, under no lock; the waiter may be gone afterwards
    waiter* next = nullptr;
    bool enlisted = false;  ///< under the lane's lock
  };

  /// What has become of an offered message; in the last four cases it is still the caller's.
  enum class outcome {
    accepted,
    dropped_oldest,  ///< accepted, and another one is the caller's to dispose of
    full_fail,       ///< full, and the policy is overflow::fail
    full_drop,       ///< ... overflow::drop_newest
    full_suspend,    ///< ... overflow::suspend
    past_life,       ///< meant for another life than the present one
  };

  /// Sets the bound for the next life, which is that generation of the block; the owner of the idle
  /// block. Capacity 0: unbounded.
  void configure(mailbox_options options, std::uint32_t life) noexcept;

  /// Whether that life's bound lets messages get lost without the sender's knowledge. Any thread.
  bool drops(std::uint32_t life) noexcept;

  /// Any thread.
  outcome offer(envelope& e, envelope*& dropped) noexcept;
  /// Any thread. Lets a message in whatever the bound.
  void force(envelope& e) noexcept;

  /// Owner. The oldest message, nullptr when there is none. It counts until forget().
  envelope* take() noexcept;
  /// Owner. One that was taken is handled, or gone. Wakes one waiting sender.
  void forget() noexcept;
  /// Owner. Whether the oldest one that was taken has to make way for another one.
  bool drops_taken() noexcept;
  /// Owner. As take() and forget() together.
  envelope* pop() noexcept;
  std::size_t size() const noexcept { return size_.load_seq_cst(); }  // [lane]
  bool has_messages() const noexcept { return size() != 0; }

  /// Any thread. False: there is room, or `life` is over; offer again.
  bool enlist(waiter& w, std::uint32_t life) noexcept;
  /// The waiter gives up waiting. False: its wake() has been called, or is about to be.
  bool delist(waiter& w) noexcept;
  /// Hands a wake-up on, for a woken waiter that gives up instead of offering again.
  void wake_one() noexcept;
  /// The actor has ended: nobody waits for room any more.
  void wake_all() noexcept;

 private:
  bool is_full() const noexcept;
  void append(envelope& e) noexcept;
  envelope* take_first() noexcept;
  waiter* take_waiter() noexcept;

  spin_lock lock_;
  mailbox_options options_;
  std::uint32_t life_ = 0;
  envelope* first_ = nullptr;
  envelope* last_ = nullptr;
  waiter* first_waiter_ = nullptr;
  waiter* last_waiter_ = nullptr;
  atomic<std::size_t> size_{0};
  std::size_t taken_ = 0;  // and not forgotten: what a selective receive has passed over
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/mailbox/detail/mpsc_queue.hpp>
#include <troupe/scheduler/detail/timer.hpp>

namespace troupe::detail {

class depot;

enum class timer_state : std::uint64_t { free, posted, armed, cancelled };

/// Type-stable, so that a timer_ref may outlive the timer. See detail/timer.hpp for the states.
struct timer_entry : timer_node, queue_node {
  atomic<std::uint64_t> word{0};  // life * 4 + state
  // What follows is written before `word` leaves free. A canceller reads the atomic ones before it
  // knows that the life is still its own; they count only if its transition succeeds.
  atomic<worker*> owner{nullptr};
  atomic<envelope*> parcel{nullptr};
  task* target = nullptr;
  deliver_parcel deliver = nullptr;

  static std::uint64_t pack(std::uint64_t life, timer_state state) noexcept {
    return life * 4 + static_cast<std::uint64_t>(state);
  }
  static timer_state state_of(std::uint64_t word) noexcept {
    return static_cast<timer_state>(word & 3);
  }
  static std::uint64_t life_of(std::uint64_t word) noexcept { return word / 4; }

  /// Changes the state of that life; false when it is in another one.
  bool transition(std::uint64_t life, timer_state from, timer_state to) noexcept {
    std::uint64_t expected = pack(life, from);
    return word.compare_exchange_acq_rel(expected, pack(life, to));  // [life]
  }
};

/// Where timer entries come from.
depot& timer_entries() noexcept;

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>

namespace troupe::detail {

/// The list part of a timer node; a slot of the wheel is the head of a circular list of these.
struct timer_link {
  timer_link* prev = nullptr;
  timer_link* next = nullptr;
};

/// What actors and io embed to be called back by a worker's timer_wheel.
///
/// A node belongs to its embedder, and to at most one wheel while it is armed. It must not move,
/// and must not be destroyed, while it is armed: the wheel points at it. Only the worker that owns
/// the wheel may touch it then.
struct timer_node : timer_link {
  static constexpr std::uint16_t idle = 0xffff;

  timer_node() = default;
  timer_node(const timer_node&) = delete;
  timer_node& operator=(const timer_node&) = delete;

  [[nodiscard]] bool armed() const noexcept { return slot != idle; }

  std::uint64_t deadline_ns = 0;  ///< as asked for, on the clock of the wheel; valid while armed
  std::uint16_t slot = idle;      ///< written by the wheel only: level and slot, or idle
};

static_assert(sizeof(timer_node) <= 32, "actors embed it: keep it half a cache line");

}  // namespace troupe::detail

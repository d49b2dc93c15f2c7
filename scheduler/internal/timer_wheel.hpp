// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/detail/timer_node.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace troupe::detail {

/// A worker's timers: a hierarchical wheel (Varghese and Lauck, 1987) whose ticks are 131 us apart:
/// see docs/decisions/0010.
///
/// Roles: none. The owner worker calls everything, inside a no-preempt section. Nothing here locks,
/// allocates or throws.
///
/// Structure: a slot of level L is 32^L ticks wide, and a level has 64 slots, which are used as a
/// ring that begins at the current tick. A timer lies on the lowest level whose ring reaches its
/// tick, so ten levels reach every deadline that 64 bits of nanoseconds can name. One bitmap per
/// level says which slots are in use: gaps are jumped over, never stepped through.
///
/// A ring reaches twice as far as one slot of the level above is wide. So a slot can be moved down
/// ("settled") during the whole slot before it, a bounded number of nodes per call: a crowd in one
/// slot does not stop the worker when the slot's turn comes, and makes it late only where it is
/// more than the worker can move in that time.
///
/// Invariants:
///   TW1  the tick of an armed node is >= current_ (a deadline in the past counts as current_).
///   TW2  a node of level L lies less than 64 slots of that level ahead of current_; on level 0 a
///        slot therefore holds a single tick.
///   TW3  current_ never passes the start of a slot of level >= 1 that is in use, nor a tick of
///        level 0 that is in use. (Such a slot is emptied first; that is the whole of advance.)
///   TW4  of nodes with the same tick, the one on the higher level was armed earlier, and within a
///        slot they lie in the order of arming. Settling moves one level down, from the tail of the
///        upper slot to the front of the lower one, which keeps this. So nodes of one tick fire in
///        the order in which they were armed.
///   TW5  bit s of occupied_[L] is set iff slot s of level L has nodes; bit L of levels_ iff
///        occupied_[L] is not zero.
///
/// Tests: tests/scheduler/timer_wheel_test.cpp (against a naive model).
class timer_wheel {
 public:
  static constexpr std::uint64_t tick_ns = std::uint64_t{1} << 17;

  explicit timer_wheel(std::uint64_t now_ns) noexcept;
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  /// Arms `node`, or moves it when it is armed already. It fires in the first advance whose time
  /// has reached `deadline_ns` rounded up to a whole tick: never early.
  void arm(timer_node& node, std::uint64_t deadline_ns) noexcept;

  /// Disarms `node`: it will not fire. False when it was not armed.
  bool cancel(timer_node& node) noexcept;

  /// Calls fire(timer_node&) for the nodes that are due at `now_ns`, in the order of their ticks
  /// and within a tick in the order of arming; returns how many there were, at most `budget`.
  ///
  /// A node is disarmed before it is handed out; `fire` may arm and cancel any node, that one too,
  /// but not call advance. A node that `fire` arms with a deadline that has passed fires in the
  /// same call, the budget permitting.
  ///
  /// Nodes beyond the budget stay due. A call may return fewer than `budget` although more are due
  /// when many nodes had to be settled first: whether more is to be done at once is for
  /// next_deadline_ns() to say, not for the count.
  template <class Fire>
  std::size_t advance(std::uint64_t now_ns, std::size_t budget, Fire&& fire) {
    const std::uint64_t now_tick = tick_at(now_ns);
    std::size_t moves = move_limit(budget);
    std::size_t fired = 0;
    bool due = reach_due(now_tick, moves);
    while (due && fired < budget) {
      ++fired;
      fire(take_due());
      due = reach_due(now_tick, moves);
    }
    settle_ahead(moves);
    return fired;
  }

  /// When to call advance next: never later than the moment at which the first node becomes due, in
  /// the past when there is work left over. It may be earlier than that moment, when nodes are to
  /// be settled; but an advance at the time returned always makes progress, and a timer costs at
  /// most one early wake-up per level. Nothing when no timer is armed.
  [[nodiscard]] std::optional<std::uint64_t> next_deadline_ns() const noexcept;

  /// Armed nodes.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// The tick that advance has got to: the last one it was told, unless it left something over.
  [[nodiscard]] std::uint64_t current_tick() const noexcept { return current_; }

 private:
  static constexpr unsigned level_bits = 5;  // width ratio of two levels; the ring is twice that
  static constexpr unsigned ring_bits = level_bits + 1;
  static constexpr unsigned ring_size = 1U << ring_bits;
  static constexpr unsigned level_count = 10;
  /// 48 bits hold every tick that UINT64_MAX nanoseconds, rounded up, can name.
  static_assert(ring_bits + (level_count - 1) * level_bits >= 48);
  static_assert(level_count * ring_size <= timer_node::idle, "each slot has a number");
  static_assert(ring_size == std::numeric_limits<std::uint64_t>::digits, "one bitmap per level");

  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  /// A slot of one level: its first tick (never later than any tick in it), and where it is.
  struct place {
    std::uint64_t start;
    unsigned level;
    unsigned slot;
  };

  /// Nodes settled by one advance: with a budget of 64 the longest call of a worker with a million
  /// timers took 0.14 ms (bench/micro/timer_wheel_bench.cpp, longest_advance), while a timer has to
  /// be moved two to four times for each time it fires.
  static constexpr std::size_t move_limit(std::size_t budget) noexcept {
    constexpr std::size_t least = 256;
    constexpr std::size_t per_fire = 4;
    if (budget > std::numeric_limits<std::size_t>::max() / per_fire) return budget;
    return budget * per_fire < least ? least : budget * per_fire;
  }

  /// The tick that has begun at `now_ns`. At the end of time, every tick has: so an owner that goes
  /// away can empty the wheel by advancing it there.
  static constexpr std::uint64_t tick_at(std::uint64_t now_ns) noexcept {
    return now_ns == never ? never / tick_ns + 1 : now_ns / tick_ns;
  }

  static std::uint64_t due_tick(std::uint64_t deadline_ns) noexcept;
  [[nodiscard]] std::uint64_t tick_of(const timer_node& node) const noexcept;
  [[nodiscard]] unsigned level_of(std::uint64_t tick) const noexcept;
  [[nodiscard]] timer_link& head(unsigned level, unsigned slot) noexcept;
  [[nodiscard]] const timer_link& head(unsigned level, unsigned slot) const noexcept;
  [[nodiscard]] place first_on(unsigned level) const noexcept;
  [[nodiscard]] place first() const noexcept;
  [[nodiscard]] std::uint64_t wake_tick(const place& at) const noexcept;

  void mark(unsigned level, unsigned slot) noexcept;
  void unlink(timer_node& node) noexcept;
  bool move_down(const place& from, std::size_t& moves) noexcept;
  bool reach_due(std::uint64_t now_tick, std::size_t& moves) noexcept;
  timer_node& take_due() noexcept;
  void settle_ahead(std::size_t& moves) noexcept;

  std::uint64_t current_;  // tick; nothing before it is left
  std::size_t size_ = 0;
  std::uint32_t levels_ = 0;
  std::array<std::uint64_t, level_count> occupied_{};
  std::array<timer_link, level_count * ring_size> slots_;
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/timer_wheel.hpp>

#include <algorithm>
#include <bit>

namespace troupe::detail {

namespace {

// For links that are known not to be the head of their list.
timer_node& as_node(timer_link& link) noexcept { return static_cast<timer_node&>(link); }
const timer_node& as_node(const timer_link& link) noexcept {
  return static_cast<const timer_node&>(link);
}

void link_between(timer_link& prev, timer_link& node, timer_link& next) noexcept {
  node.prev = &prev;
  node.next = &next;
  prev.next = &node;
  next.prev = &node;
}

}  // namespace

timer_wheel::timer_wheel(std::uint64_t now_ns) noexcept : current_(now_ns / tick_ns) {
  for (timer_link& slot : slots_) slot.prev = slot.next = &slot;
}

std::uint64_t timer_wheel::due_tick(std::uint64_t deadline_ns) noexcept {
  return deadline_ns / tick_ns + (deadline_ns % tick_ns != 0 ? 1 : 0);
}

// TW1: what was armed with a deadline in the past lies in the slot of the tick that was current
// then. It can only still be there when that tick is current still, so this is exact.
std::uint64_t timer_wheel::tick_of(const timer_node& node) const noexcept {
  return std::max(due_tick(node.deadline_ns), current_);
}

// The lowest level whose ring reaches `tick`. A distance of fewer than 64 * 32^L ticks is up to 64
// slots of level L, or 65 when it begins late in a slot: then the next level has to take it.
unsigned timer_wheel::level_of(std::uint64_t tick) const noexcept {
  const auto width = static_cast<unsigned>(std::bit_width(tick - current_));
  if (width <= ring_bits) return 0;
  const unsigned level = (width - ring_bits + level_bits - 1) / level_bits;
  const unsigned shift = level * level_bits;
  return (tick >> shift) - (current_ >> shift) < ring_size ? level : level + 1;
}

timer_link& timer_wheel::head(unsigned level, unsigned slot) noexcept {
  return slots_[level * ring_size + slot];
}

const timer_link& timer_wheel::head(unsigned level, unsigned slot) const noexcept {
  return slots_[level * ring_size + slot];
}

void timer_wheel::mark(unsigned level, unsigned slot) noexcept {
  occupied_[level] |= std::uint64_t{1} << slot;
  levels_ |= 1U << level;
}

void timer_wheel::arm(timer_node& node, std::uint64_t deadline_ns) noexcept {
  if (node.armed()) cancel(node);
  node.deadline_ns = deadline_ns;
  const std::uint64_t tick = tick_of(node);
  const unsigned level = level_of(tick);
  const auto slot = static_cast<unsigned>(tick >> (level * level_bits)) % ring_size;
  node.slot = static_cast<std::uint16_t>(level * ring_size + slot);
  timer_link& list = head(level, slot);
  link_between(*list.prev, node, list);
  mark(level, slot);
  ++size_;
}

bool timer_wheel::cancel(timer_node& node) noexcept {
  if (!node.armed()) return false;
  unlink(node);
  node.slot = timer_node::idle;
  --size_;
  return true;
}

// Takes `node` out of its slot and keeps TW5.
void timer_wheel::unlink(timer_node& node) noexcept {
  node.prev->next = node.next;
  node.next->prev = node.prev;
  if (node.prev != node.next) return;  // equal only when both are the head: it was alone
  const unsigned level = node.slot / ring_size;
  occupied_[level] &= ~(std::uint64_t{1} << (node.slot % ring_size));
  if (occupied_[level] == 0) levels_ &= ~(1U << level);
}

// The first slot of `level` in use, counted from the current tick; there must be one.
timer_wheel::place timer_wheel::first_on(unsigned level) const noexcept {
  const unsigned shift = level * level_bits;
  const std::uint64_t here = current_ >> shift;
  const std::uint64_t ring = std::rotr(occupied_[level], static_cast<int>(here % ring_size));
  const std::uint64_t index = here + static_cast<unsigned>(std::countr_zero(ring));
  return {std::max(index << shift, current_), level, static_cast<unsigned>(index % ring_size)};
}

// The slot with the earliest start, of several the one on the highest level: what is in there has
// to come down before anything of that tick fires (TW3, TW4).
timer_wheel::place timer_wheel::first() const noexcept {
  place earliest{never, 0, 0};
  for (std::uint32_t rest = levels_; rest != 0; rest &= rest - 1) {
    const place at = first_on(static_cast<unsigned>(std::countr_zero(rest)));
    if (at.start <= earliest.start) earliest = at;
  }
  return earliest;
}

// Moves the nodes of a slot to the level below, as long as `moves` lasts; true when it is empty.
bool timer_wheel::move_down(const place& from, std::size_t& moves) noexcept {
  timer_link& list = head(from.level, from.slot);
  const unsigned level = from.level - 1;
  while (list.prev != &list) {
    if (moves == 0) return false;
    --moves;
    timer_node& node = as_node(*list.prev);
    unlink(node);
    const auto slot = static_cast<unsigned>(tick_of(node) >> (level * level_bits)) % ring_size;
    node.slot = static_cast<std::uint16_t>(level * ring_size + slot);
    timer_link& lower = head(level, slot);
    link_between(lower, node, *lower.next);
    mark(level, slot);
  }
  return true;
}

// Moves current_ to the tick of the next due node. False when there is none: then current_ has
// reached the time; or when `moves` ran out before it was found: then it has not.
bool timer_wheel::reach_due(std::uint64_t now_tick, std::size_t& moves) noexcept {
  while (levels_ != 0) {
    const place at = first();
    if (at.start > now_tick) break;
    current_ = at.start;
    if (at.level == 0) return true;
    if (!move_down(at, moves)) return false;
  }
  current_ = std::max(current_, now_tick);
  return false;
}

// The first node of the current tick, disarmed; there must be one (reach_due).
timer_node& timer_wheel::take_due() noexcept {
  timer_node& node = as_node(*head(0, static_cast<unsigned>(current_ % ring_size)).next);
  cancel(node);
  return node;
}

// Uses what is left of `moves` on the slots whose turn comes next.
void timer_wheel::settle_ahead(std::size_t& moves) noexcept {
  for (std::uint32_t rest = levels_ & ~1U; rest != 0; rest &= rest - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(rest));
    const unsigned shift = level * level_bits;
    while ((levels_ >> level & 1U) != 0) {
      const place at = first_on(level);
      if ((at.start >> shift) - (current_ >> shift) > 1) break;
      if (!move_down(at, moves)) return;
    }
  }
}

// When advance should be called for the sake of this slot. A slot with few nodes can wait for the
// first of them; a full one is to be settled during the slot before it.
std::uint64_t timer_wheel::wake_tick(const place& at) const noexcept {
  if (at.level == 0) return at.start;
  constexpr int few = 4;  // arbitrary: more than a sparse worker has in a slot, cheap to look at
  const timer_link& list = head(at.level, at.slot);
  std::uint64_t earliest = never;
  int seen = 0;
  for (const timer_link* link = list.next; link != &list; link = link->next) {
    if (++seen > few) {
      const unsigned shift = at.level * level_bits;
      // Above level 0 nothing lies in the very first slot: the ring below reaches beyond it.
      return std::max(((at.start >> shift) - 1) << shift, current_);
    }
    earliest = std::min(earliest, tick_of(as_node(*link)));
  }
  return earliest;
}

std::optional<std::uint64_t> timer_wheel::next_deadline_ns() const noexcept {
  if (levels_ == 0) return std::nullopt;
  std::uint64_t tick = never;
  for (std::uint32_t rest = levels_; rest != 0; rest &= rest - 1)
    tick = std::min(tick, wake_tick(first_on(static_cast<unsigned>(std::countr_zero(rest)))));
  return tick > never / tick_ns ? never : tick * tick_ns;
}

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Type-stable memory: slots of one size that are recycled and never returned. Each worker takes and
// gives slots through a cache of two magazines; caches exchange whole magazines with the depot.
// So a producer on one core and a consumer on another recycle memory without a lock, and without
// growth: what the consumer frees comes back to the producer in batches.
//
// Depots are process-wide, like the heap they stand in for: envelopes travel between systems.

#include <troupe/base/poison.hpp>
#include <troupe/base/spin_lock.hpp>
#include <troupe/mailbox/internal/magazine_list.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::detail {

/// Index 0 is no magazine.
struct magazine_table {
  magazine& operator()(std::uint32_t index) const noexcept;
};

/// One mapping that slots are carved from. Kept in a list for those who enumerate slots.
struct slab {
  slab* next;
  std::size_t bytes;            ///< of the whole mapping, this header included
  atomic<std::uint32_t> slots;  ///< carved so far; written under the depot's lock
};

class depot {
 public:
  /// Makes a fresh slot's memory into an object, once in the slot's life. May be nullptr.
  using construct_slot = void (*)(void* slot, std::uint32_t number);

  /// Readies what others keep for the slots of these numbers, before they are constructed; perhaps
  /// more than once. Throws std::system_error.
  using prepare_slots = void (*)(std::uint32_t first, std::uint32_t count);

  /// `fenced`: AddressSanitizer may treat a free slot as freed memory; not for objects that others
  /// look at, by design, after their end. `prepare` may be nullptr.
  constexpr depot(std::size_t slot_size, construct_slot construct, bool fenced,
                  prepare_slots prepare = nullptr) noexcept
      : slot_size_(slot_size), construct_(construct), fenced_(fenced), prepare_(prepare) {}

  std::size_t slot_size() const noexcept { return slot_size_; }

  /// One slot at a time, for threads that have no cache.
  void* take_one();
  void give_one(void* slot) noexcept;
  /// One slot that nobody has had before. Throws std::system_error when memory runs out.
  void* take_fresh();

  void fence(void* slot) const noexcept {
    if (fenced_) poison(slot, slot_size_);
  }
  void unfence(void* slot) const noexcept {
    if (fenced_) unpoison(slot, slot_size_);
  }

  /// A magazine with at least one slot. Throws std::system_error when memory runs out.
  magazine& take_filled();
  /// A magazine without slots. Throws std::system_error when memory runs out.
  magazine& take_empty();
  /// Takes a magazine back, whatever it holds.
  void put(magazine& m) noexcept;

  /// Calls `f(void* slot)` for each slot ever carved. Slots stay valid; what they hold is the
  /// caller's to find out. Any thread.
  template <class F>
  void for_each_slot(F&& f) {
    for (slab* s = slabs_.load_acquire(); s != nullptr; s = s->next) {  // pairs with add_slab
      std::byte* slot = first_slot(*s);
      const std::uint32_t slots = s->slots.load_acquire();  // pairs with carve: constructed slots
      for (std::uint32_t i = 0; i < slots; ++i, slot += slot_size_) f(static_cast<void*>(slot));
    }
  }

 private:
  std::byte* first_slot(slab& s) const noexcept;
  bool has_room() const noexcept {
    return static_cast<std::size_t>(free_end_ - free_begin_) >= slot_size_;
  }
  magazine& carve_magazine();
  void carve(magazine& m);
  void carve_locked(magazine& m) noexcept;
  void grow(std::uint32_t first, std::size_t bytes);
  void add_slab(slab& fresh) noexcept;

  const std::size_t slot_size_;
  const construct_slot construct_;
  const bool fenced_;
  const prepare_slots prepare_;
  magazine_list<magazine_table> filled_{};
  magazine_list<magazine_table> empty_{};

  spin_lock carving_;  // guards what follows; writers of slabs_ hold it
  atomic<slab*> slabs_{nullptr};
  std::byte* free_begin_ = nullptr;  // the uncarved rest of the newest slab
  std::byte* free_end_ = nullptr;
  std::uint32_t carved_ = 0;  // slots carved over all slabs
  std::size_t next_slab_bytes_ = std::size_t{64} * 1024;
};

/// Two magazines in front of a depot. Owned by one worker, or by one foreign thread; every call
/// within a no-preempt section. Freed with flush().
class magazine_cache {
 public:
  /// Throws std::system_error when memory runs out.
  explicit magazine_cache(depot& source)
      : source_(&source), loaded_(&source.take_empty()), spare_(&take_spare(source, *loaded_)) {}
  ~magazine_cache() { flush(); }
  magazine_cache(const magazine_cache&) = delete;
  magazine_cache& operator=(const magazine_cache&) = delete;

  /// A slot with unspecified contents. Throws std::system_error when memory runs out.
  void* take() {
    if (loaded_->count == 0) [[unlikely]]
      refill();
    const std::uint32_t left = --loaded_->count;
    void* const slot = loaded_->rounds[left];
    // The slots below are probably last written by another core: fetch one for writing early
    // enough that its arrival overlaps with the messages before it.
    if (left >= prefetch_distance) __builtin_prefetch(loaded_->rounds[left - prefetch_distance], 1);
    source_->unfence(slot);
    return slot;
  }

  void give(void* slot) noexcept {
    source_->fence(slot);
    if (loaded_->count == magazine::capacity) [[unlikely]]
      make_room();
    loaded_->rounds[loaded_->count++] = slot;
  }

  /// How often take() had to go to the depot: the owner frees less than it takes.
  std::uint64_t refills() const noexcept { return refills_; }

 private:
  static constexpr std::uint32_t prefetch_distance = 4;

  static magazine& take_spare(depot& source, magazine& loaded);
  void refill();
  void make_room() noexcept;
  void flush() noexcept;

  depot* source_;
  magazine* loaded_;
  magazine* spare_;
  std::uint64_t refills_ = 0;
};

}  // namespace troupe::detail

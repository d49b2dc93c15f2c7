// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Stacks: guarded, pooled by size, never returned to the kernel as address space.
//
// Roles        any thread acquires and releases; a signal handler may call find_stack().
// Where a stack is
//   | state  | memory             | guard     | left by                                         |
//   | fresh  | never touched      | none yet  | acquire(): becomes used                         |
//   | used   | its owner's        | installed | release(): warm below the high-water mark, else |
//   |        |                    |           | cold                                            |
//   | warm   | pages still there  | installed | acquire(), last in first out                    |
//   | cold   | pages given back   | installed | acquire(), when no warm one is left             |
// Invariants   SS1 slabs and the records of their stacks are immortal, and immutable for readers
//                  once published, so that find_stack() needs no lock.
//              SS2 a guard, once installed, stays: trimming leaves it out.
//              SS3 no system call is made under the lock.
// Orderings    [slab-list] head of the list of all slabs: pushed with a release by whoever mapped a
//              slab, read with an acquire by find_stack(): publishes the slab's fields.
// Preemption   spin_lock holds a section for some ten instructions.
// Tests        tests/scheduler/stack_slab_test.cpp

#include <troupe/base/sanitizer.hpp>
#include <troupe/base/spin_lock.hpp>
#include <troupe/scheduler/internal/stack_guard_linux.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::detail {

class stack_pool;

/// What a stack is used for: tells the overflow report which setting raises its size.
enum class stack_use : std::uint8_t {
  worker,     ///< its loop, and the behaviors that it calls
  actor,      ///< one body, with a size of its own
  generator,  ///< of the user's
  signal,
};

/// Smallest stack handed out: a throw needs some 4 KiB, and sanitizers make frames several times
/// larger.
inline constexpr std::size_t minimum_stack_size = (TROUPE_ASAN || TROUPE_TSAN ? 64 : 16) * 1024;

/// Record of one stack. It lies beside its slab, not on the stack, so that a pooled stack without
/// pages stays without.
class stack {
 public:
  /// Lowest usable byte; the guard ends here.
  std::byte* base() const noexcept { return base_; }
  /// Right above the highest byte; aligned to a page.
  std::byte* top() const noexcept;
  /// Usable bytes, guard not included; at least what was asked for.
  std::size_t size() const noexcept;
  stack_use use() const noexcept { return use_; }
  stack_pool& pool() const noexcept { return *pool_; }
  /// Whether `address` lies in this stack's guard, that is, whether a fault there is an overflow.
  bool guards(const void* address) const noexcept;

 private:
  friend class stack_pool;

  std::byte* base_ = nullptr;
  stack_pool* pool_ = nullptr;
  stack* next_ = nullptr;
  bool guarded_ = false;
  stack_use use_ = stack_use::worker;
};

/// All stacks of one size. Immortal: its slabs stay mapped and findable, so never destroy one.
class stack_pool {
 public:
  /// Released stacks above this number give their pages back (arbitrary: 256 stacks that touched
  /// two pages each hold 2 MiB).
  static constexpr std::size_t default_high_water = 256;

  struct counts {
    std::size_t mapped = 0;  ///< in slabs, in whatever state
    std::size_t used = 0;
    std::size_t warm = 0;
    std::size_t cold = 0;
  };

  /// `size` as pool_for() rounds it.
  explicit stack_pool(std::size_t size, guard_installer guard = install_guard,
                      std::size_t high_water = default_high_water) noexcept;
  stack_pool(const stack_pool&) = delete;
  stack_pool& operator=(const stack_pool&) = delete;

  /// Throws std::system_error naming the limit when memory or mappings run out.
  stack* acquire(stack_use use);
  void release(stack*) noexcept;

  std::size_t stack_size() const noexcept { return size_; }
  std::size_t guard_size() const noexcept { return guard_size_; }
  counts count() noexcept;

 private:
  stack* take() noexcept;
  void put_back(stack*, stack*& list, std::size_t& length) noexcept;
  void grow();

  const std::size_t size_;
  const std::size_t guard_size_;
  const guard_installer guard_;
  const std::size_t high_water_;

  spin_lock lock_;
  stack* warm_ = nullptr;
  stack* cold_ = nullptr;  // and fresh ones: the difference is guarded_
  counts counts_;
};

/// `size` rounded up to pages, minimum_stack_size at least. Throws std::invalid_argument when no
/// machine could have such a stack.
std::size_t round_stack_size(std::size_t size);

/// The process's pool for stacks of at least `size` bytes.
stack_pool& pool_for(std::size_t size);

/// A guarded stack of at least `size` bytes, of any contents. Throws like stack_pool::acquire().
stack* acquire_stack(std::size_t size, stack_use use = stack_use::worker);

/// Back to its pool. Its records stay valid (SS1), its contents do not.
void release_stack(stack*) noexcept;

/// The stack whose usable part or guard contains `address`, or nullptr. Async-signal-safe; linear
/// in the number of slabs.
const stack* find_stack(const void* address) noexcept;

}  // namespace troupe::detail

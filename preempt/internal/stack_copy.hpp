// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::detail {

/// What another thread needs to walk the stack of one that was interrupted, and goes on: registers
/// and memory as they were.
class stack_copy {
 public:
#if defined(__x86_64__)
  static constexpr std::size_t register_count = 17;  // rax to r15, and the return address
#elif defined(__aarch64__)
  static constexpr std::size_t register_count = 32;  // x0 to x30, sp
#endif
  static constexpr std::size_t most_bytes = std::size_t{64} * 1024;

  /// In a signal handler, from its third argument: no allocation, no lock.
  void take(const void* context) noexcept;

  /// By their numbers in DWARF.
  const std::array<std::uint64_t, register_count>& registers() const noexcept { return registers_; }
  std::uintptr_t program_counter() const noexcept { return program_counter_; }
  /// False: the thread was on a stack that is not the runtime's, and nothing of it was copied.
  bool has_stack() const noexcept { return words_used_ != 0; }
  /// Whether the address is part of that stack. What of it is not in the copy has changed since.
  bool is_on_stack(std::uintptr_t address) const noexcept {
    return address >= stack_first_ && address < stack_behind_;
  }
  /// A word of the stack; false when it has not been copied.
  bool read(std::uintptr_t address, std::uint64_t& word) const noexcept;

 private:
  std::array<std::uint64_t, register_count> registers_{};
  std::uintptr_t program_counter_ = 0;
  std::uintptr_t stack_first_ = 0;
  std::uintptr_t stack_behind_ = 0;
  std::uintptr_t copied_from_ = 0;
  std::size_t words_used_ = 0;
  std::array<std::uint64_t, most_bytes / sizeof(std::uint64_t)> words_;  // untouched until needed
};

}  // namespace troupe::detail

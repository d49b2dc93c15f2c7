// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/stack_copy.hpp>

#include <troupe/scheduler/internal/stack_slab.hpp>

#include <ucontext.h>

#include <algorithm>
#include <cstring>

namespace troupe::detail {
namespace {

#if defined(__x86_64__)

/// Functions that call nobody may use this much below the stack pointer.
constexpr std::uintptr_t red_zone = 128;

constexpr std::array dwarf_order = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                    REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                    REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};

std::uint64_t register_of(const ucontext_t& c, std::size_t number) noexcept {
  return static_cast<std::uint64_t>(c.uc_mcontext.gregs[dwarf_order[number]]);
}
std::uintptr_t counter_of(const ucontext_t& c) noexcept { return register_of(c, 16); }
std::uintptr_t stack_pointer_of(const ucontext_t& c) noexcept { return register_of(c, 7); }

#elif defined(__aarch64__)

constexpr std::uintptr_t red_zone = 0;

std::uint64_t register_of(const ucontext_t& c, std::size_t number) noexcept {
  return number < 31 ? c.uc_mcontext.regs[number] : c.uc_mcontext.sp;
}
std::uintptr_t counter_of(const ucontext_t& c) noexcept { return c.uc_mcontext.pc; }
std::uintptr_t stack_pointer_of(const ucontext_t& c) noexcept { return c.uc_mcontext.sp; }

#endif

using stack_word [[gnu::may_alias]] = std::uint64_t;

/// Not memcpy, and without a sanitizer's checks: the space between a function's variables is
/// poisoned, and is copied too.
__attribute__((noinline, no_sanitize("address", "thread", "undefined"))) void copy_stack(
    std::uint64_t* to, const volatile stack_word* from, std::size_t words) noexcept {
  for (std::size_t i = 0; i < words; ++i) to[i] = from[i];
}

std::uintptr_t address_of(const void* p) noexcept { return reinterpret_cast<std::uintptr_t>(p); }

}  // namespace

void stack_copy::take(const void* context) noexcept {
  const auto& c = *static_cast<const ucontext_t*>(context);
  for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i] = register_of(c, i);
  program_counter_ = counter_of(c);
  const std::uintptr_t pointer = stack_pointer_of(c);
  stack_first_ = stack_behind_ = 0;
  words_used_ = 0;
  const stack* const at = find_stack(reinterpret_cast<const void*>(pointer));
  if (at == nullptr) return;
  stack_first_ = address_of(at->base());
  stack_behind_ = address_of(at->top());
  constexpr std::uintptr_t word = sizeof(std::uint64_t);
  copied_from_ = std::max(stack_first_, (pointer - red_zone) / word * word);
  words_used_ = std::min(words_.size(), (stack_behind_ - copied_from_) / word);
  copy_stack(words_.data(), reinterpret_cast<const stack_word*>(copied_from_), words_used_);
}

bool stack_copy::read(std::uintptr_t address, std::uint64_t& word) const noexcept {
  const std::size_t size = words_used_ * sizeof(word);
  if (size == 0 || address < copied_from_ || address - copied_from_ > size - sizeof(word))
    return false;
  std::memcpy(&word, reinterpret_cast<const char*>(words_.data()) + (address - copied_from_),
              sizeof(word));
  return true;
}

}  // namespace troupe::detail

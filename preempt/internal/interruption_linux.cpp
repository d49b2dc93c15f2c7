// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/interruption.hpp>

#include <ucontext.h>

#include <cerrno>
#include <cstring>

namespace troupe::detail {
namespace {

#if defined(__x86_64__)

constexpr std::uint16_t system_call_instruction = 0x050f;  // syscall: 0f 05

std::uintptr_t counter_of(const ucontext_t& c) noexcept {
  return static_cast<std::uintptr_t>(c.uc_mcontext.gregs[REG_RIP]);
}
long result_of(const ucontext_t& c) noexcept { return c.uc_mcontext.gregs[REG_RAX]; }

#elif defined(__aarch64__)

constexpr std::uint32_t system_call_instruction = 0xd4000001;  // svc #0

std::uintptr_t counter_of(const ucontext_t& c) noexcept { return c.uc_mcontext.pc; }
long result_of(const ucontext_t& c) noexcept { return static_cast<long>(c.uc_mcontext.regs[0]); }

#else
#error "Preemption needs to know how this machine makes system calls."
#endif

bool is_system_call(std::uintptr_t at) noexcept {
  auto found = system_call_instruction;
  std::memcpy(&found, reinterpret_cast<const void*>(at), sizeof(found));
  return found == system_call_instruction;
}

/// The kernel has set the counter back to the instruction, to make the call once more, or it stands
/// behind it with EINTR. The page of an instruction that is being executed can be read; the one
/// before it perhaps not.
bool slept_in_call(std::uintptr_t counter, long result) noexcept {
  constexpr std::uintptr_t page = 4096;
  constexpr std::uintptr_t size = sizeof(system_call_instruction);
  if (counter % page <= page - size && is_system_call(counter)) return true;
  return result == -EINTR && counter % page >= size && is_system_call(counter - size);
}

}  // namespace

interruption::interruption(const void* c) noexcept
    : context(c),
      program_counter(counter_of(*static_cast<const ucontext_t*>(c))),
      in_system_call(
          slept_in_call(program_counter, result_of(*static_cast<const ucontext_t*>(c)))) {}

}  // namespace troupe::detail

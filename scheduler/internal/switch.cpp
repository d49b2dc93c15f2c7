// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/switch.hpp>

#include <cxxabi.h>

#include <cstdint>
#include <utility>

#ifdef __ARM_EABI_UNWINDER__
#error "The ARM EABI keeps a third word of exception globals: add it to exception_globals."
#endif

namespace troupe::detail {
namespace {

/// Where the calling thread's exception globals lie: __cxa_get_globals() goes through
/// __tls_get_addr and takes 5 ns, as long as all the rest of a switch.
thread_local constinit exception_globals* known_globals [[gnu::tls_model("initial-exec")]] =
    nullptr;

}  // namespace

/// The exception globals are exchanged before the jump, while the thread that `to` goes on on is
/// known to be this one: whoever is switched to finds its own in place, on whichever thread it is.
[[gnu::noinline]] void switch_steps::exchange_thread_state(raw_generator& from,
                                                           raw_generator& to) noexcept {
  asm volatile("");  // two calls may be on two threads
  if (known_globals == nullptr) [[unlikely]] {
    known_globals = reinterpret_cast<exception_globals*>(abi::__cxa_get_globals());
  }
  from.exceptions_ = std::exchange(*known_globals, to.exceptions_);
  from.floating_point_.exchange(to.floating_point_);
}

void switch_steps::start(machine_context& self, machine_context& from) noexcept {
  // Unwinders that read call frame information stop where the return address is declared unknown.
#if defined(__x86_64__)
  asm volatile(".cfi_undefined rip");
#elif defined(__aarch64__)
  asm volatile(".cfi_undefined x30");
#endif
  auto& generator = static_cast<raw_generator&>(self);
  generator.annotations_.arrive(static_cast<raw_generator&>(from).annotations_);
  generator.run_(generator.argument_);
  std::terminate();  // an entry function returned
}

#if defined(__x86_64__) && !defined(TROUPE_BOOST_CONTEXT)

void floating_point_control::exchange_all(const floating_point_control& to) noexcept {
  constexpr std::uint32_t rounding_and_masks = 0x7f80;  // the rest stays with the thread
  constexpr std::uint32_t nearest_all_masked = 0x1f80;
  asm volatile("stmxcsr %0" : "=m"(mxcsr_));
  const std::uint32_t wanted = to.x87_ == x87_default ? nearest_all_masked : to.mxcsr_;
  const std::uint32_t mxcsr = (mxcsr_ & ~rounding_and_masks) | (wanted & rounding_and_masks);
  asm volatile("fldcw %0\n\tldmxcsr %1" : : "m"(to.x87_), "m"(mxcsr));
}

#endif

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe::detail {

/// Where a suspended generator goes on. Compared with Boost's jump_fcontext, which takes 12 to 14
/// ns on a Zen 4 core where this takes 2 to 4: the jump is inlined, so that no `call` is left
/// without its `ret` (which makes the processor mispredict every return after it), only what the
/// compiler holds in registers is saved, and the floating-point control words are compared, not
/// stored (see floating_point_control).
///
/// A debugger finds the generator's innermost frame in these fields: program counter, stack
/// pointer, frame pointer. The frame is the one that switch_to() is inlined into, and its call
/// frame information holds.
class machine_context {
 public:
  using start_function = void (*)(machine_context& self, machine_context& from);

  /// The first jump here calls `start` on the `size` bytes below `top`; it must not return.
  void prepare(void* top, std::size_t, start_function start) noexcept {
    // As if called from nowhere: a return address of 0, and a frame pointer of 0, end every walk.
    const auto aligned = reinterpret_cast<std::uintptr_t>(top) & ~std::uintptr_t{15};
    auto* const return_address = reinterpret_cast<void**>(aligned) - 1;
    *return_address = nullptr;
    stack_pointer_ = return_address;
    frame_pointer_ = nullptr;
    rbx_ = nullptr;
    program_counter_ = reinterpret_cast<void*>(start);
  }

  /// Lowest address in use on the stack that was left.
  void* stack_pointer() const noexcept { return stack_pointer_; }

  /// Leaves `from`, goes on in `to`. Returns, when `from` goes on, who was left for it.
  [[gnu::always_inline]] static machine_context& jump(machine_context& from,
                                                      machine_context& to) noexcept;

 private:
  void* program_counter_ = nullptr;
  void* stack_pointer_ = nullptr;
  void* frame_pointer_ = nullptr;
  void* rbx_ = nullptr;
};

[[gnu::always_inline]] inline machine_context& machine_context::jump(machine_context& from,
                                                                     machine_context& to) noexcept {
  machine_context* self = &to;
  machine_context* left = &from;
  // rbp and rbx are saved by hand, because compilers use them to find their frames and refuse them
  // as clobbers. Everything else is a clobber, which makes the compiler save what it needs.
  asm volatile(
      "leaq 1f(%%rip), %%rax\n\t"
      "movq %%rax, 0(%%rsi)\n\t"
      "movq %%rsp, 8(%%rsi)\n\t"
      "movq %%rbp, 16(%%rsi)\n\t"
      "movq %%rbx, 24(%%rsi)\n\t"
      "movq 8(%%rdi), %%rsp\n\t"
      "movq 16(%%rdi), %%rbp\n\t"
      "movq 24(%%rdi), %%rbx\n\t"
      "jmpq *0(%%rdi)\n"
      "1:"
      : "+D"(self), "+S"(left)
      :
      : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
        "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
        "xmm13", "xmm14", "xmm15",
#ifdef __AVX512F__
        "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6",
        "k7",
#endif
        "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "mm0", "mm1", "mm2",
        "mm3", "mm4", "mm5", "mm6", "mm7", "memory", "cc");
  return *left;
}

/// The rounding mode and exception masks of one generator. A function may expect them unchanged by
/// its callees, so they must not leak from one behavior into another.
///
/// There are two control words, and reading the second (MXCSR) takes longer than all the rest of a
/// switch. <cfenv> changes both together. So only a generator whose x87 word is not the default one
/// has an MXCSR of its own; what is set in MXCSR alone (`_mm_setcsr`) belongs to the kernel thread.
class floating_point_control {
 public:
  /// Before the jump from the generator of `*this` to that of `to`.
  [[gnu::always_inline]] void exchange(const floating_point_control& to) noexcept {
    asm volatile("fnstcw %0" : "=m"(x87_));
    if (x87_ != x87_default || to.x87_ != x87_default) [[unlikely]]
      exchange_all(to);
  }

 private:
  static constexpr std::uint16_t x87_default = 0x37f;

  void exchange_all(const floating_point_control& to) noexcept;

  std::uint16_t x87_ = x87_default;
  std::uint32_t mxcsr_ = 0;  ///< valid while x87_ is not the default
};

}  // namespace troupe::detail

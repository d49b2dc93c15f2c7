// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <boost/context/detail/fcontext.hpp>

#include <cstddef>

namespace troupe::detail {

/// The interface of machine_context_x86_64.hpp on Boost.Context's fcontext layer.
class machine_context {
 public:
  using start_function = void (*)(machine_context& self, machine_context& from);

  void prepare(void* top, std::size_t size, start_function start) noexcept {
    start_ = start;
    context_ = boost::context::detail::make_fcontext(top, size, &first_entry);
  }

  void* stack_pointer() const noexcept { return context_; }

  static machine_context& jump(machine_context& from, machine_context& to) noexcept {
    from.jumped_to_ = &to;
    return arrive(boost::context::detail::jump_fcontext(to.context_, &from));
  }

 private:
  static machine_context& arrive(boost::context::detail::transfer_t arrived) noexcept {
    auto& left = *static_cast<machine_context*>(arrived.data);
    left.context_ = arrived.fctx;
    return left;
  }

  static void first_entry(boost::context::detail::transfer_t arrived) noexcept {
    // Boost leaves an address in its own code where a frame pointer and a return address should be:
    // zeroes end the walk of those who follow frame pointers.
    auto* const frame = static_cast<void* volatile*>(__builtin_frame_address(0));
    frame[0] = nullptr;
    frame[1] = nullptr;
    machine_context& left = arrive(arrived);
    machine_context& self = *left.jumped_to_;
    self.start_(self, left);
  }

  boost::context::detail::fcontext_t context_ = nullptr;
  machine_context* jumped_to_ = nullptr;
  start_function start_ = nullptr;
};

/// jump_fcontext saves the control words itself where the architecture's calling convention asks
/// for it.
class floating_point_control {
 public:
  void exchange(const floating_point_control&) noexcept {}
};

}  // namespace troupe::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/no_preempt.hpp>

#include <troupe/base/section.hpp>
#include <troupe/preempt/internal/watch.hpp>
#include <troupe/scheduler/internal/carrier.hpp>

namespace troupe {

no_preempt::no_preempt() noexcept { detail::enter_section(); }

no_preempt::~no_preempt() {
  detail::leave_section();
  detail::carrier* const c = detail::this_carrier();
  if (c != nullptr && c->watch != nullptr) static_cast<detail::watch&>(*c->watch).catch_up();
}

}  // namespace troupe

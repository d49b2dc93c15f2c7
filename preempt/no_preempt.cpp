// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/no_preempt.hpp>

#include <troupe/base/section.hpp>

namespace troupe {

no_preempt::no_preempt() noexcept { detail::enter_section(); }

no_preempt::~no_preempt() { detail::leave_section(); }

}  // namespace troupe

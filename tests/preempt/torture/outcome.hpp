// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>
#include <preempt/torture/stage.hpp>

namespace troupe::torture {

/// Fails the run where something was lost, or did not happen that a run like this cannot do
/// without. When all toilers have ended.
void check_outcome(stage& shared, const preemption_statistics& counted);

}  // namespace troupe::torture

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <preempt/torture/plan.hpp>

namespace troupe::torture {

/// Carries it out, with a line on stdout every ten seconds, and prints what came of it. True: all
/// went well. Does not return when the run is stuck: the process ends with exit code 1 after a
/// report.
bool run(const plan& p);

}  // namespace troupe::torture

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/scenario.hpp>

#include <troupe/actors/options.hpp>

namespace troupe::bench {

/// How the command line wants the measured system: what all scenarios that have one let it say.
[[nodiscard]] inline system_options options_from(const arguments& with) {
  system_options options{.workers = with.workers()};
  options.preempt.mode = with.preemption() ? preemption::full : preemption::off;
  options.preempt.warn_after = {};  // who computes for long here is meant to
  return options;
}

}  // namespace troupe::bench

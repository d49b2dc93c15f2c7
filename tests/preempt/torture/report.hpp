// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>
#include <preempt/torture/stage.hpp>

#include <chrono>

namespace troupe::torture {

/// One line on how far a run is.
void print_progress(const stage& shared, const system& sys, std::chrono::nanoseconds since);

/// How often behaviors were preempted, and so on.
void print_statistics(const system& sys);

/// What has been done, by kind.
void print_totals(const stage& shared);

/// Who stands where, on stderr; then the process ends with exit code 1.
[[noreturn]] void report_stuck(const stage& shared, const system& sys,
                               std::chrono::nanoseconds since);

}  // namespace troupe::torture

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The registers of a suspended generator, and the jump from one stack to another. One interface,
// two files: own code for x86-64, Boost.Context for the rest (and to compare with).

#if defined(__x86_64__) && !defined(TROUPE_BOOST_CONTEXT)
#include <troupe/scheduler/internal/machine_context_x86_64.hpp>
#else
#include <troupe/scheduler/internal/machine_context_boost.hpp>
#endif

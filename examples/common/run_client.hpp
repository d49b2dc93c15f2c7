// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <cstddef>
#include <functional>

namespace examples {

/// Runs `body` as an actor, until it returns or SIGINT or SIGTERM comes, and ends all actors.
/// Returns the exit code: 0; 1 when an exception left the body (it is printed), or some actor would
/// not end; 130 when a signal came first. Called by main(), before any thread.
[[nodiscard]] int run_client(const char* program, std::size_t workers,
                             const std::function<void(troupe::context&)>& body);

}  // namespace examples

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <functional>
#include <thread>

namespace troupe::detail {

/// Starts a thread that serves the runtime: no signal is delivered to it, nor to what it starts.
/// Debuggers and `ps -T` show it as `name`, of 15 characters at most. Throws std::system_error that
/// says what the thread `does` would have been, the limits, and the setting without which there is
/// none.
std::thread start_runtime_thread(const char* name, const char* does, const char* setting,
                                 std::function<void()> run);

}  // namespace troupe::detail

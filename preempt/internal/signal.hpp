// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::detail {

/// The signal that is meant by 0 in preemption_options::signal.
int default_preemption_signal() noexcept;

/// Whether a program can do without the signal: faults, SIGKILL and the like are not for this.
bool is_usable_signal(int signal) noexcept;

/// Makes the signal interrupt the carrier it is sent to. The handler stays to the end of the
/// process and leaves other threads alone. Throws std::logic_error when the program handles the
/// signal itself, std::system_error.
void handle_preemption_signal(int signal);

}  // namespace troupe::detail

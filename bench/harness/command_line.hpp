// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::bench {

/// Parses the command line, runs what it asks for and prints one JSON object per line.
/// Gives the exit status: 0 done, 1 a run failed (its oracle said so, or it threw), 2 this build's
/// figures would mean nothing, others: the command line is wrong.
int run_command_line(int argc, char** argv);

}  // namespace troupe::bench

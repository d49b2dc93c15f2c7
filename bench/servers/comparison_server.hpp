// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <exception>

namespace bench_servers {

/// Reads the command line of a comparison server, `NAME [--port N]`; exits with an explanation when
/// it is wrong.
[[nodiscard]] std::uint16_t port_from(int argc, char** argv);

/// Says, as `troupe-bench tcp-echo` does, where the server listens.
void print_ready(const char* name, std::uint16_t port);

/// Says why the server ends.
void print_problem(const char* program, const std::exception& problem);

/// Raises the soft limit of open files to the hard one.
void allow_all_descriptors();

}  // namespace bench_servers

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/command_line.hpp>

int main(int argc, char** argv) { return troupe::bench::run_command_line(argc, argv); }

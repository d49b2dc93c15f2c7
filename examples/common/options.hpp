// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/common/command_line.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace examples {

/// What every service lets its command line say.
struct service_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  std::size_t workers = 0;
  std::size_t max_connections = 10'000;
};

/// --bind, --port, --workers and --max-connections.
void add_service_options(command_line& line, service_options& options);

/// --workers.
void add_workers(command_line& line, std::size_t& workers);

}  // namespace examples

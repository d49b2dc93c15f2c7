// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/options.hpp>

namespace examples {

void add_workers(command_line& line, std::size_t& workers) {
  line.add_count("--workers", workers, 0, 1024, "threads that run actors; 0: one for each core");
}

void add_service_options(command_line& line, service_options& options) {
  line.add_port("--port", options.port, "TCP port; 0: any that is free, which is printed");
  line.add_text("--bind", options.address, "address to listen on");
  add_workers(line, options.workers);
  line.add_count("--max-connections", options.max_connections, 1, 10'000'000,
                 "connections at a time; others wait, or are turned away");
}

}  // namespace examples

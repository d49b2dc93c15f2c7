// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/descriptors.hpp>
#include <examples/common/run_service.hpp>
#include <examples/common/stop_signals.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <utility>

namespace examples {
namespace {

int run(const char* program, service_options& options, std::size_t descriptors_each,
        const start_service& start) {
  stop_signals signals;
  options.max_connections =
      provide_descriptors(program, options.max_connections, descriptors_each, options.workers);
  auto listener = troupe::io::tcp_listener::bind(options.address, options.port);
  const auto where = text_of(listener.local_endpoint());
  troupe::system system(troupe::system_options{.workers = options.workers});
  start(system, std::move(listener));
  std::printf("%s: ready on %s\n", program, where.c_str());
  std::fflush(stdout);

  signals.wait();
  const bool clean = stop_actors(program, system);
  std::printf("%s: stopped\n", program);
  std::fflush(stdout);
  if (!clean) std::_Exit(1);  // who sent the signal should not have to wait
  return 0;
}

}  // namespace

std::string text_of(const troupe::io::endpoint& where) {
  std::ostringstream text;
  text << where;
  return text.str();
}

bool stop_actors(const char* program, troupe::system& system) {
  const auto report = system.shutdown(std::chrono::seconds(5));
  for (const auto& each : report.survivors) {
    std::fprintf(stderr, "%s: still running: %s (%s)\n", program, each.name.c_str(),
                 each.state.c_str());
  }
  return report.clean();
}

int run_service(const char* program, service_options& options, std::size_t descriptors_each,
                const start_service& start) {
  try {
    return run(program, options, descriptors_each, start);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s: %s\n", program, problem.what());
    return 1;
  }
}

}  // namespace examples

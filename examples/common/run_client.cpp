// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/complaints.hpp>
#include <examples/common/run_client.hpp>
#include <examples/common/run_service.hpp>
#include <examples/common/stop_signals.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace examples {
namespace {

constexpr int interrupted = 130;  // as a shell calls it

int run(const char* program, std::size_t workers,
        const std::function<void(troupe::context&)>& body) {
  stop_signals signals;
  bool failed = false;  // written before finish(), read behind wait()
  troupe::system system(troupe::system_options{.workers = workers});
  system.spawn(troupe::spawn_options{.name = program}, [&](troupe::context& self) {
    try {
      body(self);
    } catch (const std::exception& problem) {
      if (!is_about_stopping(problem)) {  // else a signal has come while the body spawned actors
        std::fprintf(stderr, "%s: %s\n", program, problem.what());
      }
      failed = true;
    }
    signals.finish();
  });
  const bool finished = signals.wait();
  if (!stop_actors(program, system)) std::_Exit(1);
  std::fflush(stdout);
  if (!finished) return interrupted;
  return failed ? 1 : 0;
}

}  // namespace

int run_client(const char* program, std::size_t workers,
               const std::function<void(troupe::context&)>& body) {
  try {
    return run(program, workers, body);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s: %s\n", program, problem.what());
    return 1;
  }
}

}  // namespace examples

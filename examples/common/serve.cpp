// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/serve.hpp>

#include <chrono>
#include <cstdio>

namespace examples {

using namespace std::chrono_literals;

bool pause_after_failure(troupe::context& self, const serve_options& options,
                         const std::exception& problem) {
  if (is_about_stopping(problem)) return false;
  std::fprintf(stderr, "%s: a connection was not served: %s\n",
               options.complaints->program().c_str(), problem.what());
  self.sleep_for(100ms);
  return true;
}

}  // namespace examples

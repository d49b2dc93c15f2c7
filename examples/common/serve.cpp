// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/serve.hpp>

#include <chrono>
#include <cstdio>
#include <system_error>

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

// A new connection's kernel buffer has room for a line: this does not wait.
void turn_away(troupe::io::tcp_stream stream, const serve_options& options) {
  std::error_code ignored;
  stream.write_timeout(1s);
  stream.write_all(options.refusal, ignored);
}

}  // namespace examples

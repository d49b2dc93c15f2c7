// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <sys/resource.h>

#include <bench/servers/comparison_server.hpp>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace bench_servers {

std::uint16_t port_from(int argc, char** argv) {
  if (argc == 1) return 0;
  if (argc == 3 && std::string_view(argv[1]) == "--port") {
    const std::string_view text(argv[2]);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error == std::errc{} && end == text.data() + text.size()) return port;
    std::fprintf(stderr, "%s: '%s' is no port from 0 to 65535\n", argv[0], argv[2]);
  } else {
    std::fprintf(stderr, "usage: %s [--port N]    echoes on 127.0.0.1 until it is killed\n",
                 argv[0]);
  }
  std::exit(2);
}

void print_ready(const char* name, std::uint16_t port) {
  std::printf(R"({"server":"%s","address":"127.0.0.1","port":%u})"
              "\n",
              name, unsigned{port});
  std::fflush(stdout);
}

void print_problem(const char* program, const std::exception& problem) {
  std::fprintf(stderr, "%s: %s\n", program, problem.what());
}

void allow_all_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace bench_servers

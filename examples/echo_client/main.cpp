// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Sends lines to an echo server, one after the other, and prints what comes back.
#include <examples/common/options.hpp>
#include <examples/common/run_client.hpp>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace io = troupe::io;

struct client_options {
  examples::peer_address server;
  std::vector<std::string> lines{"hello, actors"};
  std::size_t rounds = 1;
  std::chrono::milliseconds timeout{5000};
};

void talk(troupe::context& /*self*/, const client_options& options) {
  auto server = io::tcp_stream::connect(options.server.host, options.server.port, options.timeout);
  server.read_timeout(options.timeout);
  server.write_timeout(options.timeout);
  std::string received;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (const auto& line : options.lines) {
      server.write_all(line + "\n");
      const auto length = server.read_until(received, "\n", line.size() + 1);
      if (received.compare(0, length, line + "\n") != 0) {
        throw std::runtime_error("sent '" + line + "', and something else came back");
      }
      std::fwrite(received.data(), 1, length, stdout);
      received.erase(0, length);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  client_options options;
  examples::command_line line("Sends lines to an echo server and prints what comes back.",
                              "echo_client");
  line.add_peer("server", options.server, "whom to talk to");
  line.add_texts("lines", options.lines, "what to say");
  line.add_count("--rounds", options.rounds, 1, 1'000'000'000, "how often to say it all");
  line.add_time("--timeout", options.timeout, "for each answer");
  if (const auto code = line.parse(argc, argv)) return *code;
  return examples::run_client("echo_client", 1,
                              [&](troupe::context& self) { talk(self, options); });
}

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Sends back what it receives: the shortest service in direct style. One actor for each connection,
// which reads and writes as if every call blocked.
#include <examples/common/complaints.hpp>
#include <examples/common/run_service.hpp>

#include <array>
#include <chrono>
#include <span>
#include <utility>

namespace {

namespace io = troupe::io;

// A peer that is silent, or takes nothing, for that long is disconnected: std::system_error.
//
// The buffer is on the actor's stack, of which every page that was ever touched stays in memory. So
// an idle connection costs 9 KB; with a buffer of 2 KB it is 6, but long messages take half as long
// again.
void echo(io::tcp_stream peer, std::chrono::milliseconds patience) {
  peer.read_timeout(patience);
  peer.write_timeout(patience);
  std::array<std::byte, 4096> buffer;
  while (const std::size_t count = peer.read(buffer)) {
    peer.write_all(std::span(buffer).first(count));
  }
}

}  // namespace

int main(int argc, char** argv) {
  examples::service_options options;
  std::chrono::milliseconds patience = std::chrono::minutes(5);
  examples::command_line line("Sends back what it receives.", "echo_server");
  examples::add_service_options(line, options);
  line.add_time("--timeout", patience, "a silent connection is closed after that");
  if (const auto code = line.parse(argc, argv)) return *code;
  examples::complaints complaints("echo_server");
  return examples::run_service(
      "echo_server", options, 1, [&](troupe::system& system, io::tcp_listener listener) {
        troupe::serve(
            system, std::move(listener),
            [patience](troupe::context&, io::tcp_stream peer) { echo(std::move(peer), patience); },
            {.max_connections = options.max_connections,
             .on_failure = [&](const troupe::exit_reason& why) { complaints.say(why); }});
      });
}

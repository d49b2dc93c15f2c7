// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/command_line.hpp>
#include <examples/kv_server/service/options.hpp>

#include <limits>

namespace kv {
namespace {

// Offsets in a client's buffer have 32 bits.
constexpr std::size_t largest_buffer = std::numeric_limits<std::uint32_t>::max() / 2;
constexpr std::size_t smallest_buffer = 1024;
constexpr std::size_t most_shards = 1024;

// Of --maxmemory-clients.
constexpr std::size_t smallest_for_clients = 1024 * 1024;  // a few dozen quiet clients
constexpr std::size_t largest_for_clients = std::numeric_limits<std::size_t>::max() / 4;

troupe::preemption preemption_named(const std::string& name) {
  using troupe::preemption;
  if (name == "off") return preemption::off;
  return name == "full" ? preemption::full : preemption::isolate;
}

}  // namespace

bool parse_command_line(int argc, char** argv, server_options& options, int& exit_code) {
  examples::command_line line(
      "A key-value server that speaks the Redis protocol (RESP2), made of actors: one for each\n"
      "connection, and a few that share the keys among them.\n",
      "kv_server");
  line.add_port("--port", options.port, "TCP port; 0: any that is free, which is printed");
  line.add_text("--bind", options.address, "address to listen on");
  line.add_count("--workers", options.workers, 0, 1024,
                 "virtual processors that run actors; 0: one for each core");
  std::string preemption = "full";
  line.add_choice("--preemption", preemption, {"full", "isolate", "off"},
                  "who may not keep a worker for long: all (full), who blocks in a system call "
                  "(isolate), nobody (off)");
  line.add_count("--quantum", options.quantum_us, 50, 10'000'000,
                 "microseconds that one client's command may take while others wait");
  line.add_count("--shards", options.shards, 0, most_shards,
                 "actors that hold keys; 0: one for each worker");
  line.add_count("--max-clients", options.max_clients, 1, 10'000'000, "connections at a time");
  line.add_count("--max-subscriptions", options.max_subscriptions, 1, 1'000'000'000,
                 "channels and patterns that a client may listen to");
  line.add_count(
      "--max-pattern-length", options.max_pattern_length, 1, largest_buffer,
      "bytes of a pattern; a match takes longer by that of the text for each 64, at worst");
  line.add_count("--max-channel-length", options.max_channel_length, 1, largest_buffer,
                 "bytes of a channel's name, which PUBLISH matches with every pattern");
  line.add_whole_seconds(
      "--idle-timeout", options.idle_timeout,
      "seconds between two requests after which a client is disconnected; 0: never");
  line.add_whole_seconds("--request-timeout", options.request_timeout,
                         "seconds of silence within a request, likewise");
  line.add_whole_seconds(
      "--write-timeout", options.write_timeout,
      "seconds in which a client takes less than 16 KiB of its answers, likewise");
  // As Redis names it, and in its words.
  line.add_size_or_zero("--maxmemory-clients", options.maxmemory_clients, smallest_for_clients,
                        largest_for_clients,
                        "bytes that may be held for all clients together; beyond that those are "
                        "disconnected for which most are held; 0: any number, else 1 MiB at least");
  const auto add_buffer = [&](const char* name, std::size_t& bytes, const char* meaning) {
    line.add_size(name, bytes, smallest_buffer, largest_buffer, meaning);
  };
  add_buffer("--query-buffer-limit", options.query_buffer_limit,
             "bytes that a client may have sent for requests not executed yet");
  add_buffer("--output-buffer-limit", options.output_buffer_limit,
             "bytes of answers that may wait for a client");
  add_buffer("--pubsub-buffer-limit", options.pubsub_buffer_limit,
             "bytes of published messages that may wait for a subscriber");
  add_buffer("--bulk-limit", options.bulk_limit, "bytes of one argument, and of one string");
  if (const auto code = line.parse(argc, argv)) {
    exit_code = *code;
    return false;
  }
  options.preemption = preemption_named(preemption);
  return true;
}

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/service/options.hpp>

#include <CLI/CLI.hpp>

#include <limits>
#include <map>
#include <string>

namespace kv {
namespace {

// Offsets in a client's buffer have 32 bits.
constexpr std::size_t largest_buffer = std::numeric_limits<std::uint32_t>::max() / 2;
constexpr std::size_t smallest_buffer = 1024;
constexpr std::size_t most_shards = 1024;

void add_size(CLI::App& app, const char* name, std::size_t& bytes, const char* meaning) {
  app.add_option(name, bytes, meaning)
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(smallest_buffer, largest_buffer))
      ->capture_default_str();
}

// As Redis names it, and in its words.
void add_maxmemory_clients(CLI::App& app, std::size_t& bytes) {
  constexpr std::size_t smallest = 1024 * 1024;  // a few dozen quiet clients
  constexpr std::size_t largest = std::numeric_limits<std::size_t>::max() / 4;
  app.add_option("--maxmemory-clients", bytes,
                 "bytes that may be held for all clients together; beyond that those are "
                 "disconnected for which most are held; 0: any number, else 1 MiB at least")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(smallest, largest) | CLI::IsMember({std::size_t{0}}))
      ->capture_default_str();
}

void add_timeout(CLI::App& app, const char* name, std::chrono::seconds& time, const char* meaning) {
  constexpr std::int64_t longest = 1'000'000'000;
  app.add_option_function<std::int64_t>(
         name, [&time](std::int64_t seconds) { time = std::chrono::seconds(seconds); }, meaning)
      ->check(CLI::Range(std::int64_t{0}, longest))
      ->default_str(std::to_string(time.count()));
}

void add_preemption(CLI::App& app, troupe::preemption& mode) {
  using troupe::preemption;
  const std::map<std::string, preemption> modes{
      {"full", preemption::full}, {"isolate", preemption::isolate}, {"off", preemption::off}};
  app.add_option_function<std::string>(
         "--preemption", [modes, &mode](const std::string& name) { mode = modes.at(name); },
         "who may not keep a worker for long: all (full), who blocks in a system call (isolate), "
         "nobody (off)")
      ->check(CLI::IsMember(modes))
      ->default_str("full");
}

}  // namespace

bool parse_command_line(int argc, char** argv, server_options& options, int& exit_code) {
  CLI::App app(
      "A key-value server that speaks the Redis protocol (RESP2), made of actors: one for each\n"
      "connection, and a few that share the keys among them.\n",
      "kv_server");
  app.add_option("--port", options.port, "TCP port; 0: any that is free, which is printed")
      ->capture_default_str();
  app.add_option("--bind", options.address, "address to listen on")->capture_default_str();
  app.add_option("--workers", options.workers,
                 "virtual processors that run actors; 0: one for each core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  add_preemption(app, options.preemption);
  app.add_option("--shards", options.shards, "actors that hold keys; 0: one for each worker")
      ->check(CLI::Range(std::size_t{0}, most_shards))
      ->capture_default_str();
  app.add_option("--max-clients", options.max_clients, "connections at a time")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}))
      ->capture_default_str();
  app.add_option("--max-subscriptions", options.max_subscriptions,
                 "channels and patterns that a client may listen to")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}))
      ->capture_default_str();
  app.add_option("--max-pattern-length", options.max_pattern_length,
                 "bytes of a pattern; a match takes time proportional to them, at worst")
      ->check(CLI::Range(std::size_t{1}, largest_buffer))
      ->capture_default_str();
  add_timeout(app, "--idle-timeout", options.idle_timeout,
              "seconds between two requests after which a client is disconnected; 0: never");
  add_timeout(app, "--request-timeout", options.request_timeout,
              "seconds of silence within a request, likewise");
  add_timeout(app, "--write-timeout", options.write_timeout,
              "seconds in which a client takes less than 16 KiB of its answers, likewise");
  add_maxmemory_clients(app, options.maxmemory_clients);
  add_size(app, "--query-buffer-limit", options.query_buffer_limit,
           "bytes that a client may have sent for requests not executed yet");
  add_size(app, "--output-buffer-limit", options.output_buffer_limit,
           "bytes of answers that may wait for a client");
  add_size(app, "--pubsub-buffer-limit", options.pubsub_buffer_limit,
           "bytes of published messages that may wait for a subscriber");
  add_size(app, "--bulk-limit", options.bulk_limit, "bytes of one argument, and of one string");
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error);
    return false;
  }
}

}  // namespace kv

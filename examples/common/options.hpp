// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace examples {

/// What every service lets its command line say.
struct service_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  std::size_t workers = 0;
  std::size_t max_connections = 10'000;
};

/// --bind, --port, --workers and --max-connections.
void add_service_options(CLI::App& app, service_options& options);

/// --workers.
void add_workers(CLI::App& app, std::size_t& workers);

/// A time in seconds, also a fraction: from a millisecond to 1,000,000,000 seconds.
void add_time(CLI::App& app, const char* name, std::chrono::milliseconds& time,
              const char* meaning);

/// A number of bytes, also with a unit, such as 64K.
void add_size(CLI::App& app, const char* name, std::size_t& bytes, std::size_t smallest,
              std::size_t largest, const char* meaning);

/// A number within bounds.
void add_count(CLI::App& app, const char* name, std::size_t& count, std::size_t smallest,
               std::size_t largest, const char* meaning);

/// An address or a name, and a port of a peer: "HOST:PORT", "[::1]:PORT".
struct peer_address {
  std::string host;
  std::uint16_t port = 0;
};

/// A required argument HOST:PORT.
void add_peer(CLI::App& app, const char* name, peer_address& peer, const char* meaning);

/// Reads the command line. std::nullopt: go on; else the program ends with this code, because help
/// was asked for or something is wrong with it (either has been printed).
[[nodiscard]] std::optional<int> parse(CLI::App& app, int argc, char** argv);

}  // namespace examples

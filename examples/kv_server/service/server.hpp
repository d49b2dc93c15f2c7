// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/service/clock.hpp>
#include <examples/kv_server/service/messages.hpp>
#include <examples/kv_server/service/options.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <utility>
#include <vector>

namespace kv {

// The families of commands that a connection executes itself.
[[nodiscard]] std::span<const command> connection_commands();
[[nodiscard]] std::span<const command> pubsub_commands();
[[nodiscard]] std::span<const command> server_commands();

/// What the server's actors share: made before the first of them starts, outlives them all, and
/// does not change but for what counts at the end.
struct server {
  explicit server(server_options given) : options(std::move(given)) {}

  server_options options;
  std::size_t workers = 0;
  steady_calendar calendar;
  milliseconds_since_epoch started = calendar.now();
  command_table commands{string_commands(), list_commands(),       set_commands(),
                         hash_commands(),   key_commands(),        scan_commands(),
                         pubsub_commands(), connection_commands(), server_commands()};
  std::vector<shard_ref> shards;
  broker_ref broker;
  directory_ref directory;
  all_clients_memory memory{options.maxmemory_clients, [this] { relieve_memory(); }};

  std::atomic<std::size_t> connections = 0;  ///< open ones; relaxed: nothing else depends on it
  std::atomic<bool> stopping = false;  ///< relaxed: whoever burns time looks at it now and then

 private:
  void relieve_memory() noexcept {
    try {
      directory.send(too_much_memory{});
    } catch (const std::exception&) {
      memory.relieving();  // whoever exceeds the limit next asks again
    }
  }
};

/// Counts an open connection as long as it lives.
class connection_slot {
 public:
  explicit connection_slot(server& home) : home_(&home) {
    home.connections.fetch_add(1, std::memory_order_relaxed);
  }
  connection_slot(connection_slot&& other) noexcept : home_(std::exchange(other.home_, nullptr)) {}
  connection_slot& operator=(connection_slot&&) = delete;
  ~connection_slot() {
    if (home_ != nullptr) home_->connections.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  server* home_;
};

}  // namespace kv

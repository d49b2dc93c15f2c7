// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/preempt/preemption.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kv {

/// What the command line sets.
struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 6379;  ///< 0: any
  std::size_t workers = 0;    ///< 0: one for each core
  troupe::preemption preemption = troupe::preemption::full;
  std::size_t quantum_us = 250;  ///< most commands take some microseconds
  std::size_t shards = 0;        ///< 0: one for each worker
  std::size_t max_clients = 10'000;
  std::size_t max_subscriptions = 10'000;  ///< of one client
  std::size_t max_pattern_length = 1024;   ///< bytes
  std::size_t max_channel_length = 1024;   ///< bytes of its name

  // How long a client may keep the server waiting; 0: for ever.
  std::chrono::seconds idle_timeout{0};      ///< between two requests
  std::chrono::seconds request_timeout{30};  ///< within a request
  std::chrono::seconds write_timeout{30};    ///< without taking 16 KiB of its answers

  // How many bytes may be held for all clients together (0: any number), and for one.
  std::size_t maxmemory_clients = std::size_t{1024} * 1024 * 1024;
  std::size_t query_buffer_limit = std::size_t{1024} * 1024 * 1024;
  std::size_t output_buffer_limit = std::size_t{1024} * 1024 * 1024;
  std::size_t pubsub_buffer_limit = std::size_t{32} * 1024 * 1024;
  std::size_t bulk_limit = std::size_t{512} * 1024 * 1024;  ///< one argument, one string
};

/// Reads the command line. False: there is nothing to run, because help was asked for or something
/// is wrong with it (either has been printed); the program ends with `exit_code`.
[[nodiscard]] bool parse_command_line(int argc, char** argv, server_options& options,
                                      int& exit_code);

}  // namespace kv

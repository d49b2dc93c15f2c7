// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// A key-value server that redis-cli, redis-benchmark and Redis client libraries can talk to.
// See service/connection.cpp for the actor that serves a client, and service/shard.cpp for those
// that hold the keys.
#include <examples/common/descriptors.hpp>
#include <examples/common/run_service.hpp>
#include <examples/common/stop_signals.hpp>
#include <examples/kv_server/service/acceptor.hpp>
#include <examples/kv_server/service/broker.hpp>
#include <examples/kv_server/service/directory.hpp>
#include <examples/kv_server/service/shard.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

namespace {

using namespace kv;

void start_actors(troupe::system& system, server& home, troupe::io::tcp_listener listener) {
  const auto shards = home.options.shards != 0 ? home.options.shards : home.workers;
  for (std::size_t i = 0; i < shards; ++i) {
    home.shards.emplace_back(
        system.spawn<shard>(troupe::spawn_options{.name = "shard " + std::to_string(i)},
                            share{i, shards}, home.options.bulk_limit, home.calendar));
  }
  home.broker = system.spawn<broker>(troupe::spawn_options{.name = "broker"},
                                     home.options.pubsub_buffer_limit);
  home.directory = system.spawn<directory>(troupe::spawn_options{.name = "directory"},
                                           home.calendar, home.memory);
  system.spawn(troupe::spawn_options{.name = "acceptor"}, accept_clients, &home,
               std::move(listener));
}

int serve(server_options options) {
  examples::stop_signals signals;
  options.max_clients =
      examples::provide_descriptors("kv_server", options.max_clients, 1, options.workers);
  auto listener = troupe::io::tcp_listener::bind(options.address, options.port);
  const auto where = examples::text_of(listener.local_endpoint());
  options.port = listener.local_endpoint().port();
  server home(options);
  troupe::system system(troupe::system_options{
      .workers = options.workers,
      .preempt = {.mode = options.preemption,
                  .fresh_quantum = std::chrono::microseconds(options.quantum_us)}});
  home.workers = system.worker_count();
  start_actors(system, home, std::move(listener));
  std::printf("kv_server: ready on %s\n", where.c_str());
  std::fflush(stdout);

  signals.wait();
  home.stopping.store(true, std::memory_order_relaxed);
  const bool clean = examples::stop_actors("kv_server", system);
  std::printf("kv_server: stopped\n");
  std::fflush(stdout);
  // The system's destructor would wait for them; who sent the signal should not have to.
  if (!clean) std::_Exit(1);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  kv::server_options options;
  int exit_code = 0;
  if (!kv::parse_command_line(argc, argv, options, exit_code)) return exit_code;
  try {
    return serve(options);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "kv_server: %s\n", problem.what());
    return 1;
  }
}

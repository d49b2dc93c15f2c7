// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// A key-value server that redis-cli, redis-benchmark and Redis client libraries can talk to.
// See service/connection.cpp for the actor that serves a client, and service/shard.cpp for those
// that hold the keys.
#include <sys/resource.h>

#include <examples/kv_server/service/acceptor.hpp>
#include <examples/kv_server/service/broker.hpp>
#include <examples/kv_server/service/directory.hpp>
#include <examples/kv_server/service/shard.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>

namespace {

using namespace kv;

// Blocked in every thread, so that the main thread can wait for them like for anything else.
sigset_t block_stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// As many descriptors as clients are allowed, or as many clients as there may be descriptors.
void provide_descriptors(server_options& options) {
  constexpr rlim_t for_each_worker = 5;
  const auto workers =
      options.workers != 0 ? options.workers : std::size_t{std::thread::hardware_concurrency()};
  const rlim_t for_ourselves = 64 + for_each_worker * static_cast<rlim_t>(workers);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const auto wanted = static_cast<rlim_t>(options.max_clients) + for_ourselves;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  options.max_clients =
      static_cast<std::size_t>(limit.rlim_cur > for_ourselves ? limit.rlim_cur - for_ourselves : 1);
  std::fprintf(
      stderr,
      "kv_server: at most %zu clients, because the limit of open files is %llu (ulimit -n)\n",
      options.max_clients, static_cast<unsigned long long>(limit.rlim_cur));
}

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
  const auto signals = block_stop_signals();
  provide_descriptors(options);
  auto listener = troupe::io::tcp_listener::bind(options.address, options.port);
  options.port = listener.local_endpoint().port();
  server home(options);
  troupe::system system(
      troupe::system_options{.workers = options.workers, .preempt = {.mode = options.preemption}});
  home.workers = system.worker_count();
  start_actors(system, home, std::move(listener));
  std::printf("kv_server: ready on %s:%u\n", options.address.c_str(), unsigned{options.port});
  std::fflush(stdout);

  int signal = 0;
  ::sigwait(&signals, &signal);
  home.stopping.store(true, std::memory_order_relaxed);
  const auto report = system.shutdown(std::chrono::seconds(5));
  for (const auto& each : report.survivors) {
    std::fprintf(stderr, "kv_server: still running: %s (%s)\n", each.name.c_str(),
                 each.state.c_str());
  }
  std::printf("kv_server: stopped\n");
  std::fflush(stdout);
  // The system's destructor would wait for them; who sent the signal should not have to.
  if (!report.clean()) std::_Exit(1);
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

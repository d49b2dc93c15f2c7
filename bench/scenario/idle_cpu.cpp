// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/process_time.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/loopback.hpp>
#include <bench/scenario/sleepers.hpp>

#include <troupe/troupe.hpp>

#include <sys/socket.h>

#include <array>
#include <span>

namespace troupe::bench {
namespace {

using namespace std::chrono_literals;

void echo(context& /*self*/, io::tcp_stream stream, std::atomic<std::uint64_t>* connected) {
  connected->fetch_add(1, std::memory_order_relaxed);  // only a count; the reader polls it
  std::array<std::byte, 64> buffer;
  std::error_code error;
  while (const std::size_t got = stream.read(buffer, error)) {
    stream.write_all(std::span(buffer).first(got), error);
    if (error) return;
  }
}

void accept_all(context& self, io::tcp_listener listener, std::atomic<std::uint64_t>* connected) {
  for (;;) self.spawn(echo, listener.accept(), connected);
}

std::vector<descriptor> connect_all(std::uint16_t port, std::uint64_t connections) {
  std::vector<descriptor> all;
  for (std::uint64_t i = 0; i < connections; ++i) all.push_back(connect_to_port(port));
  return all;
}

// Whether a byte sent comes back.
bool answers(const descriptor& connection) {
  char byte = 'x';
  return ::send(connection.number(), &byte, 1, MSG_NOSIGNAL) == 1 &&
         ::recv(connection.number(), &byte, 1, 0) == 1;
}

result run(const arguments& with) {
  const std::uint64_t connections = with.count("connections");
  const std::uint64_t actors = with.count("actors");
  allow_descriptors(2 * connections + 64);
  finish_line finished;
  std::atomic<std::uint64_t> connected{0};
  std::vector<actor_ref<void(question)>> sleepers(actors);
  system sys(options_from(with));
  const auto counting = sys.spawn<answer_counter>(actors, &finished);
  spawn_sleepers(sys, with.text("style"), sleepers);
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  sys.spawn(accept_all, std::move(listener), &connected);
  const std::vector<descriptor> clients = connect_all(port, connections);
  while (connected.load(std::memory_order_relaxed) < connections) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(200ms);  // all that just started has come to rest

  const process_time before = process_time_now();
  const stopwatch watch;
  std::this_thread::sleep_for(std::chrono::duration<double>(with.real("seconds")));
  const auto elapsed = watch.elapsed();
  const process_time used = process_time_now() - before;

  for (const auto& each : sleepers) each.send(question{counting});
  finished.wait();
  expect_equal("answers of actors", actors, sys.ask(counting, get_answers{}));
  std::uint64_t echoes = 0;
  for (const descriptor& each : clients) echoes += answers(each) ? 1 : 0;
  expect_equal("answers of connections", connections, echoes);
  sys.shutdown(1s);
  return {.ops = actors + connections,
          .elapsed = elapsed,
          .special = {{"cpu_percent", used.cpu_seconds / elapsed.count() * 100},
                      {"idle_cpu_ms", used.cpu_seconds * 1000}}};
}

const registration here({
    .name = "idle-cpu",
    .summary = "processor time that a system takes while all of its actors and connections are "
               "idle, in percent of one core; an op is one of them",
    .parameters =
        {{.name = "actors",
          .default_value = std::uint64_t{10'000},
          .help = "that wait for a message"},
         {.name = "connections",
          .default_value = std::uint64_t{1'000},
          .help = "open over loopback, an actor each waiting in read"},
         {.name = "seconds", .default_value = 5.0, .help = "to measure over", .minimum = 0.1},
         {.name = "style",
          .default_value = std::string("direct"),
          .help = "of the actors",
          .choices = {"handler", "direct"}}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

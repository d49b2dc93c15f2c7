// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Loads an echo server: opens many connections, an actor for each, and reports how long the answers
// took, as one line of JSON.
#include <examples/async_client_load/latency_histogram.hpp>
#include <examples/common/descriptors.hpp>
#include <examples/common/options.hpp>
#include <examples/common/run_client.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

namespace io = troupe::io;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

struct load_options {
  examples::peer_address server;
  std::size_t connections = 100;
  std::size_t size = 64;
  std::size_t rate = 0;
  std::chrono::milliseconds duration{5'000};
  std::chrono::milliseconds timeout{10'000};
  std::size_t workers = 0;
};

struct start {
  clock_type::time_point at;
};
struct connected {
  troupe::any_ref who;
};
struct failed {
  std::string reason;
};

// A job writes while this reads: a server that echoes what comes takes no more when nobody takes
// its echo.
void write_beside_reading(io::tcp_stream& server, const std::string& message,
                          std::span<std::byte> answer) {
  troupe::counter written;
  // What keeps it from writing keeps the answer from coming.
  const auto write = [&] {
    std::error_code ignored;
    server.write_all(message, ignored);
  };
  troupe::run(write, written);
  try {
    server.read_exactly(answer);
  } catch (...) {
    std::error_code ignored;
    server.shutdown(ignored);  // which ends the writing
    written.wait();
    throw;
  }
  written.wait();
}

// One message there and back. The answer must be what was sent.
void echo_once(io::tcp_stream& server, const std::string& message, std::string& answer) {
  constexpr std::size_t held = std::size_t{32} * 1024;  // by our kernel's receive buffer at least
  const auto room = std::as_writable_bytes(std::span(answer));
  if (message.size() > held) {
    write_beside_reading(server, message, room);
  } else {
    server.write_all(message);
    server.read_exactly(room);
  }
  if (answer != message) throw std::runtime_error("the answer is not what was sent");
}

// Without a rate: the next request follows the answer (closed loop). With one: each request has a
// time at which it is due, and its latency counts from there, so that a server that hangs is not
// excused from the requests which it kept from being sent.
void send_requests(troupe::context& self, io::tcp_stream& server, const load_options& options,
                   std::size_t index, clock_type::time_point begin,
                   load::latency_histogram& latencies) {
  std::string message(options.size, static_cast<char>('a' + index % 26));
  std::string answer(options.size, '\0');
  const auto end = begin + options.duration;
  const auto pace = options.rate == 0
                        ? clock_type::duration{}
                        : std::chrono::duration_cast<clock_type::duration>(
                              std::chrono::duration<double>(1) / static_cast<double>(options.rate));
  auto due = begin + pace * static_cast<std::int64_t>(index);
  for (; due < end; due += pace * static_cast<std::int64_t>(options.connections)) {
    const auto now = clock_type::now();
    if (options.rate == 0) due = now;
    if (due > now) self.sleep_for(due - now);
    if (now >= end) return;
    echo_once(server, message, answer);
    latencies.record(clock_type::now() - due);
  }
}

void run_connection(troupe::context& self, const load_options& options, std::size_t index,
                    const troupe::any_ref& report_to, load::latency_histogram& latencies) {
  try {
    auto server =
        io::tcp_stream::connect(options.server.host, options.server.port, options.timeout);
    server.read_timeout(options.timeout);
    server.write_timeout(options.timeout);
    report_to.send(connected{self.ref()});
    clock_type::time_point begin;
    self.receive([&](const start& message) { begin = message.at; });
    send_requests(self, server, options, index, begin, latencies);
  } catch (const std::exception& problem) {
    report_to.send(failed{problem.what()});
  }
}

// What became of the connections.
struct outcome {
  std::size_t connected = 0;
  std::size_t ended = 0;
  std::size_t failed_count = 0;
  std::string first_failure;
  std::vector<troupe::any_ref> ready;

  void note(const failed& message) {
    if (failed_count++ == 0) first_failure = message.reason;
  }
};

void wait_for_news(troupe::context& self, outcome& so_far) {
  self.receive(
      [&](const connected& message) {
        ++so_far.connected;
        so_far.ready.push_back(message.who);
      },
      [&](const failed& message) { so_far.note(message); },
      [&](const troupe::down& /*message*/) { ++so_far.ended; });
}

void print_report(const load_options& options, const outcome& what, double seconds,
                  const load::latency_histogram& latencies) {
  const auto requests = latencies.count();
  const nlohmann::ordered_json report{
      {"connections", options.connections},
      {"connected", what.connected},
      {"failed", what.failed_count},
      {"size", options.size},
      {"rate", options.rate},
      {"seconds", seconds},
      {"requests", requests},
      {"requests_per_second", seconds > 0 ? static_cast<double>(requests) / seconds : 0},
      {"latency_us",
       {{"mean", latencies.mean()},
        {"p50", latencies.percentile(50)},
        {"p90", latencies.percentile(90)},
        {"p99", latencies.percentile(99)},
        {"p99.9", latencies.percentile(99.9)},
        {"max", latencies.longest()}}}};
  std::printf("%s\n", report.dump().c_str());
}

void run_load(troupe::context& self, const load_options& options) {
  constexpr std::size_t connecting_at_a_time = 256;  // less than a usual backlog
  const auto latencies = std::make_shared<load::latency_histogram>();
  outcome what;
  for (std::size_t i = 0; i < options.connections; ++i) {
    while (i - what.connected - what.failed_count >= connecting_at_a_time)
      wait_for_news(self, what);
    const auto connection = self.spawn(
        [options, i, latencies, report_to = self.ref()](troupe::context& connection_self) {
          run_connection(connection_self, options, i, report_to, *latencies);
        });
    self.monitor(connection);
  }
  while (what.connected + what.failed_count < options.connections) wait_for_news(self, what);
  const auto begin = clock_type::now();
  for (const auto& each : what.ready) each.send(start{begin});
  while (what.ended < options.connections) wait_for_news(self, what);
  const std::chrono::duration<double> elapsed = clock_type::now() - begin;
  // A down may overtake what its actor sent before.
  while (self.receive([&](const failed& message) { what.note(message); }, troupe::after(0s))) {
  }
  print_report(options, what, elapsed.count(), *latencies);
  if (what.failed_count != 0) {
    throw std::runtime_error(std::to_string(what.failed_count) + " of " +
                             std::to_string(options.connections) +
                             " connections failed, the first one: " + what.first_failure);
  }
}

}  // namespace

int main(int argc, char** argv) {
  load_options options;
  examples::command_line line("Loads an echo server and reports latencies as JSON.",
                              "async_client_load");
  line.add_peer("server", options.server, "an echo server");
  line.add_count("--connections", options.connections, 1, 1'000'000,
                 "connections, all open at a time");
  line.add_count("--size", options.size, 1, 16'777'216, "bytes of a request");
  line.add_count("--rate", options.rate, 0, 100'000'000,
                 "requests a second, of all connections together; 0: each sends the next one "
                 "when it has its answer");
  line.add_time("--duration", options.duration, "how long requests are sent");
  line.add_time("--timeout", options.timeout, "for a connection, and for an answer");
  examples::add_workers(line, options.workers);
  if (const auto code = line.parse(argc, argv)) return *code;
  if (examples::provide_descriptors("async_client_load", options.connections, 1, options.workers) <
      options.connections) {
    return 1;
  }
  return examples::run_client("async_client_load", options.workers,
                              [&](troupe::context& self) { run_load(self, options); });
}

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/echo_driver.hpp>

#include <troupe/troupe.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <system_error>

namespace troupe::bench {
namespace {

using namespace std::chrono_literals;

constexpr double largest_port = 65535;

struct tally {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> bytes{0};
};

// Adds to the tally when the connection ends, however that comes.
class served {
 public:
  explicit served(tally& total) : total_(total) { total_.connections.fetch_add(1); }
  served(const served&) = delete;
  served& operator=(const served&) = delete;
  ~served() { total_.bytes.fetch_add(bytes_); }
  void add(std::size_t bytes) { bytes_ += bytes; }

 private:
  tally& total_;
  std::uint64_t bytes_ = 0;
};

void echo(context& /*self*/, io::tcp_stream stream, tally* total) {
  served here(*total);
  stream.no_delay(true);
  std::array<std::byte, 8 * echo_message_size> buffer;
  std::error_code error;
  while (const std::size_t got = stream.read(buffer, error)) {
    stream.write_all(std::span(buffer).first(got), error);
    if (error) return;
    here.add(got);
  }
}

void accept_all(context& self, io::tcp_listener listener, tally* total) {
  for (;;) self.spawn(echo, listener.accept(), total);
}

// Blocks SIGINT and SIGTERM for this thread and those it starts, so that they can be waited for.
class stop_signals {
 public:
  stop_signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }

 private:
  sigset_t set_{};
};

result serve(const arguments& with) {
  const stop_signals stop;
  tally total;
  stopwatch watch;
  std::chrono::duration<double> elapsed{};
  {
    system_options options = options_from(with);
    options.io = {.events_per_turn = with.count("events-per-turn"),
                  .rebalance_ratio = with.real("rebalance-ratio")};
    system sys(options);
    auto listener =
        io::tcp_listener::bind("127.0.0.1", static_cast<std::uint16_t>(with.count("port")));
    const std::uint16_t port = listener.local_endpoint().port();
    sys.spawn(accept_all, std::move(listener), &total);
    std::printf(R"({"bench":"tcp-echo","role":"server","address":"127.0.0.1","port":%u})"
                "\n",
                port);
    std::fflush(stdout);
    watch = stopwatch();
    stop.wait();
    elapsed = watch.elapsed();
    sys.shutdown(1s);
  }
  return {.ops = total.bytes.load() / echo_message_size,
          .elapsed = elapsed,
          .special = {{"role", std::string("server")}, {"connections", total.connections.load()}}};
}

result run(const arguments& with) {
  if (with.count("connect") == 0) return serve(with);
  const echo_load load{.port = static_cast<std::uint16_t>(with.count("connect")),
                       .connections = with.count("connections"),
                       .seconds = with.real("seconds"),
                       .server = with.count("server-process")};
  if (with.text("mode") == "accept") return drive_accept(load);
  if (with.text("mode") == "idle") return drive_idle(load);
  return drive_echo(load);
}

const registration here({
    .name = "tcp-echo",
    .summary = "a server of one direct-style actor per connection, until SIGINT, or with --connect "
               "the driver for it; an op is 64 bytes echoed",
    .parameters = {{.name = "port",
                    .default_value = std::uint64_t{0},
                    .help = "to serve on, 127.0.0.1 only; 0: any, it is printed",
                    .minimum = 0,
                    .maximum = largest_port},
                   {.name = "events-per-turn",
                    .default_value = std::uint64_t{io::reactor_options{}.events_per_turn},
                    .help = "of the server: sockets that it handles before actors run",
                    .maximum = 1024},
                   {.name = "rebalance-ratio",
                    .default_value = io::reactor_options{}.rebalance_ratio,
                    .help = "of the server: how uneven its workers' sockets may be; 0: as they are",
                    .minimum = 0},
                   {.name = "connect",
                    .default_value = std::uint64_t{0},
                    .help = "drive the server on this port instead",
                    .minimum = 0,
                    .maximum = largest_port},
                   {.name = "connections",
                    .default_value = std::uint64_t{50},
                    .help = "of the driver"},
                   {.name = "mode",
                    .default_value = std::string("echo"),
                    .help = "of the driver: round trips on lasting connections; each on one of its "
                            "own; or the memory of connections that do nothing",
                    .choices = {"echo", "accept", "idle"}},
                   {.name = "server-process",
                    .default_value = std::uint64_t{0},
                    .help = "of the driver: process id of the server, whose time or memory is "
                            "reported; 0: is not looked at",
                    .minimum = 0},
                   {.name = "seconds",
                    .default_value = 5.0,
                    .help = "the driver goes on for so long",
                    .minimum = 0}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// A TCP proxy. Two actors for each connection, one for each direction: what one reads it writes to
// the other side, and when it reads the end it ends that side's input, while the other direction
// goes on (half-close).
#include <examples/common/complaints.hpp>
#include <examples/common/run_service.hpp>
#include <examples/common/serve.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

namespace {

namespace io = troupe::io;
using clock_type = std::chrono::steady_clock;

struct proxy_options {
  examples::service_options service;
  examples::peer_address target;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds idle_timeout{300'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::shared_ptr<examples::complaints> complaints =
      std::make_shared<examples::complaints>("proxy");
};

// What the two actors of a connection share. Each stream has one of them as its reader, and the
// other one as its writer.
struct tunnel {
  ~tunnel() {
    // What one side was not told in full must not look to it as if it were the end.
    if (!failed.load(std::memory_order_relaxed)) return;
    client.abort();
    target.abort();
  }

  io::tcp_stream client;
  io::tcp_stream target;
  examples::connection_slot slot;
  // When bytes last came from either side. Relaxed: a point in time, nothing is published by it.
  std::atomic<clock_type::time_point> active{clock_type::now()};
  // Whether either side has reset its connection, or takes nothing. Relaxed: whoever destroys the
  // tunnel has seen what was done to it before.
  std::atomic<bool> failed{false};
};

// Nobody has said anything for too long: the connection ends, but nothing that was sent is lost.
struct idle {};

// As a read, but for the idle time both directions count: a long download is no silence of the one
// who waits for it.
std::size_t read_some(tunnel& both, io::tcp_stream& from, std::span<std::byte> buffer,
                      clock_type::duration idle_timeout) {
  for (;;) {
    const auto silence = clock_type::now() - both.active.load(std::memory_order_relaxed);
    if (silence >= idle_timeout) throw idle();
    from.read_timeout(idle_timeout - silence);
    std::error_code error;
    const auto count = from.read(buffer, error);
    if (error == troupe::errc::timeout) continue;
    if (error) throw std::system_error(error, "read");
    both.active.store(clock_type::now(), std::memory_order_relaxed);
    return count;
  }
}

// One direction. When it fails the connection cannot go on, and the other direction's actor is
// asked to end; both sides see a reset, as the one that failed does.
void pump(tunnel& both, io::tcp_stream& from, io::tcp_stream& to, const proxy_options& options,
          const troupe::any_ref& other_direction) {
  try {
    to.write_timeout(options.write_timeout);
    std::array<std::byte, 16384> buffer;
    while (const auto count = read_some(both, from, buffer, options.idle_timeout)) {
      to.write_all(std::span(buffer).first(count));
    }
    to.shutdown();
  } catch (const idle&) {
    other_direction.kill();
  } catch (const std::system_error& problem) {
    // Once for a connection: what fails in one direction makes the other one fail, too.
    if (!both.failed.exchange(true, std::memory_order_relaxed)) {
      options.complaints->say(problem.what());
    }
    other_direction.kill();
  }
}

void relay(troupe::context& self, io::tcp_stream client, examples::connection_slot slot,
           const proxy_options& options) {
  auto both = std::make_shared<tunnel>();
  try {
    both->target =
        io::tcp_stream::connect(options.target.host, options.target.port, options.connect_timeout);
  } catch (const std::system_error& problem) {
    options.complaints->say(problem.what());
    return;
  }
  both->client = std::move(client);
  both->slot = std::move(slot);
  const auto back = self.spawn([both, options, forth = self.ref()](troupe::context& /*self*/) {
    pump(*both, both->target, both->client, options, forth);
  });
  pump(*both, both->client, both->target, options, back);
}

}  // namespace

int main(int argc, char** argv) {
  proxy_options options;
  examples::command_line line("Passes TCP connections on to another server.", "proxy");
  line.add_peer("target", options.target, "where connections are passed on to");
  examples::add_service_options(line, options.service);
  line.add_time("--connect-timeout", options.connect_timeout, "for the connection to the target");
  line.add_time("--idle-timeout", options.idle_timeout,
                "a connection silent in both directions is closed after that");
  line.add_time("--write-timeout", options.write_timeout,
                "either side must take 16 KiB in that time");
  if (const auto code = line.parse(argc, argv)) return *code;
  return examples::run_service(
      "proxy", options.service, 2, [&](troupe::system& system, io::tcp_listener listener) {
        examples::serve(system, std::move(listener),
                        {options.complaints, options.service.max_connections}, relay, options);
      });
}

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/percentile.hpp>
#include <bench/harness/process_memory.hpp>
#include <bench/harness/process_time.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/scenario/echo_driver.hpp>
#include <bench/scenario/loopback.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace troupe::bench {
namespace {

using message = std::array<char, echo_message_size>;
using clock = std::chrono::steady_clock;

struct connection {
  descriptor socket;
  message sent{};
  message received{};
  std::size_t received_bytes = 0;
  std::uint64_t round_trips = 0;
  clock::time_point sent_at{};
};

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

// Each message is different, so that one of another connection or round would be noticed.
void send_next(connection& on, std::size_t index) {
  const std::uint64_t mark[] = {index, on.round_trips};
  std::memcpy(on.sent.data(), mark, sizeof mark);
  on.received_bytes = 0;
  on.sent_at = clock::now();
  // A fresh 64 bytes always fit into the send buffer of a connection that has been answered.
  const ssize_t put = ::send(on.socket.number(), on.sent.data(), on.sent.size(), MSG_NOSIGNAL);
  if (put != static_cast<ssize_t>(on.sent.size())) fail("send");
}

// Takes what has arrived; true when the message is back as a whole.
bool receive(connection& on) {
  const auto rest = std::span(on.received).subspan(on.received_bytes);
  const ssize_t got = ::recv(on.socket.number(), rest.data(), rest.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got < 0) fail("recv");
  if (got == 0) throw oracle_error("the server closed a connection");
  on.received_bytes += static_cast<std::size_t>(got);
  if (on.received_bytes < on.received.size()) return false;
  if (on.received != on.sent) throw oracle_error("a message came back changed");
  ++on.round_trips;
  return true;
}

class poller {
 public:
  poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.number() < 0) fail("epoll_create1");
  }

  void add(const descriptor& socket, std::size_t index) const {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = index;
    if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket.number(), &interest) != 0) {
      fail("epoll_ctl");
    }
  }

  // Calls `use(index)` for each that can be read.
  template <class F>
  void wait(F&& use) const {
    std::array<epoll_event, 256> events;
    const int ready =
        ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()), 5000);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    if (ready == 0) throw oracle_error("the server has been silent for five seconds");
    for (int i = 0; i < ready; ++i) use(events[static_cast<std::size_t>(i)].data.u64);
  }

 private:
  descriptor epoll_;
};

std::vector<connection> connect_all(const echo_load& load, const poller& events) {
  allow_descriptors(load.connections + 64);
  std::vector<connection> all(load.connections);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].socket = connect_to_port(load.port);
    events.add(all[i].socket, i);
  }
  return all;
}

class samples {
 public:
  void add(clock::duration took) {
    microseconds_.push_back(std::chrono::duration<double, std::micro>(took).count());
  }
  [[nodiscard]] std::vector<double> sorted() const {
    auto all = microseconds_;
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  std::vector<double> microseconds_;
};

// What a server's process is charged for from here on.
class server_time {
 public:
  explicit server_time(std::uint64_t process)
      : process_(process), before_(process == 0 ? 0 : cpu_seconds_of(process)) {}
  [[nodiscard]] double seconds() const { return cpu_seconds_of(process_) - before_; }

 private:
  std::uint64_t process_;
  double before_;
};

result report(const echo_load& load, std::chrono::duration<double> elapsed,
              const samples& latencies, const server_time& time) {
  const auto sorted = latencies.sorted();
  result made{.ops = sorted.size(),
              .elapsed = elapsed,
              .special = {{"role", std::string("driver")},
                          {"latency_p50_us", percentile(sorted, 50)},
                          {"latency_p99_us", percentile(sorted, 99)},
                          {"latency_max_us", percentile(sorted, 100)}}};
  if (load.server != 0) {
    const double seconds = time.seconds();
    made.special.emplace_back("server_cpu_seconds", seconds);
    made.special.emplace_back("server_cpu_us_per_op",
                              seconds * 1e6 / static_cast<double>(sorted.size()));
  }
  return made;
}

}  // namespace

result drive_echo(const echo_load& load) {
  const poller events;
  std::vector<connection> all = connect_all(load, events);
  server_time time(load.server);
  samples latencies;

  const stopwatch watch;
  for (std::size_t i = 0; i < all.size(); ++i) send_next(all[i], i);
  std::size_t waiting = all.size();
  while (waiting > 0) {
    const bool over = watch.elapsed().count() >= load.seconds;
    events.wait([&](std::size_t index) {
      connection& at = all[index];
      if (!receive(at)) return;
      latencies.add(clock::now() - at.sent_at);
      if (over) {
        --waiting;
      } else {
        send_next(at, index);
      }
    });
  }
  return report(load, watch.elapsed(), latencies, time);
}

result drive_accept(const echo_load& load) {
  allow_descriptors(load.connections + 64);
  const poller events;
  std::vector<connection> all(load.connections);
  server_time time(load.server);
  samples latencies;
  std::uint64_t connections = 0;
  const auto begin = [&](std::size_t index) {
    connection& at = all[index];
    const auto started = clock::now();
    at.socket = connect_to_port(load.port, static_cast<std::uint8_t>(2 + connections++ % 200));
    events.add(at.socket, index);
    send_next(at, index);
    at.sent_at = started;
  };

  const stopwatch watch;
  for (std::size_t i = 0; i < all.size(); ++i) begin(i);
  std::size_t waiting = all.size();
  while (waiting > 0) {
    const bool over = watch.elapsed().count() >= load.seconds;
    events.wait([&](std::size_t index) {
      connection& at = all[index];
      if (!receive(at)) return;
      latencies.add(clock::now() - at.sent_at);
      at.socket = {};  // takes it out of the poller as well
      if (over) {
        --waiting;
      } else {
        begin(index);
      }
    });
  }
  return report(load, watch.elapsed(), latencies, time);
}

result drive_idle(const echo_load& load) {
  if (load.server == 0) throw std::invalid_argument("--mode idle needs --server-process");
  const std::uint64_t before = settled_resident_bytes_of(load.server);
  const stopwatch watch;
  const poller events;
  std::vector<connection> all = connect_all(load, events);
  for (std::size_t i = 0; i < all.size(); ++i) send_next(all[i], i);
  for (std::size_t waiting = all.size(); waiting > 0;) {
    events.wait([&](std::size_t index) { waiting -= receive(all[index]) ? 1 : 0; });
  }
  const auto elapsed = watch.elapsed();
  const std::uint64_t after = settled_resident_bytes_of(load.server);
  const double grown = static_cast<double>(after) - static_cast<double>(before);
  return {.ops = all.size(),
          .elapsed = elapsed,
          .special = {{"role", std::string("driver")},
                      {"server_bytes_per_connection", grown / static_cast<double>(all.size())}}};
}

}  // namespace troupe::bench

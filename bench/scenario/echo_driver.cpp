// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/percentile.hpp>
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
#include <system_error>

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

std::vector<connection> connect_all(const echo_load& load, int poller) {
  allow_descriptors(load.connections + 64);
  std::vector<connection> all(load.connections);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].socket = connect_to_port(load.port);
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = i;
    if (::epoll_ctl(poller, EPOLL_CTL_ADD, all[i].socket.number(), &interest) != 0) {
      fail("epoll_ctl");
    }
  }
  return all;
}

}  // namespace

result drive_echo(const echo_load& load) {
  const descriptor poller(::epoll_create1(EPOLL_CLOEXEC));
  if (poller.number() < 0) fail("epoll_create1");
  std::vector<connection> all = connect_all(load, poller.number());
  std::vector<double> latencies;  // in microseconds

  const stopwatch watch;
  for (std::size_t i = 0; i < all.size(); ++i) send_next(all[i], i);
  std::array<epoll_event, 256> events{};
  std::size_t waiting = all.size();
  while (waiting > 0) {
    const int ready =
        ::epoll_wait(poller.number(), events.data(), static_cast<int>(events.size()), 5000);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    if (ready == 0) throw oracle_error("the server has been silent for five seconds");
    const bool over = watch.elapsed().count() >= load.seconds;
    for (int i = 0; i < ready; ++i) {
      const std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
      connection& at = all[index];
      if (!receive(at)) continue;
      const std::chrono::duration<double, std::micro> took = clock::now() - at.sent_at;
      latencies.push_back(took.count());
      if (over) {
        --waiting;
      } else {
        send_next(at, index);
      }
    }
  }
  const auto elapsed = watch.elapsed();
  std::sort(latencies.begin(), latencies.end());
  return {.ops = latencies.size(),
          .elapsed = elapsed,
          .special = {{"role", std::string("driver")},
                      {"latency_p50_us", percentile(latencies, 50)},
                      {"latency_p99_us", percentile(latencies, 99)},
                      {"latency_max_us", percentile(latencies, 100)}}};
}

}  // namespace troupe::bench

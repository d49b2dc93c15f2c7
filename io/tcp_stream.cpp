// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/tcp_stream.hpp>

#include <troupe/io/internal/connect.hpp>
#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/lookup.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/system_call.hpp>

#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace troupe::io {
namespace {

using detail::require_open;
using detail::set_option;
using detail::throw_if;

void check_range(const char* field, std::int64_t value, std::int64_t most) {
  if (value >= 1 && value <= most) return;
  throw std::invalid_argument("troupe: keep_alive_options::" + std::string(field) + " = " +
                              std::to_string(value) + " is not from 1 to " + std::to_string(most));
}

void set_probes(int descriptor, const keep_alive_options& probes) {
  constexpr const char* call = "troupe: tcp_stream::keep_alive";
  const auto set = [&](int option, std::int64_t value) {
    throw_if(set_option(descriptor, IPPROTO_TCP, option, static_cast<int>(value)).code(), call);
  };
  set(TCP_KEEPIDLE, probes.idle.count());
  set(TCP_KEEPINTVL, probes.interval.count());
  set(TCP_KEEPCNT, probes.count);
}

}  // namespace

tcp_stream tcp_stream::connect(const std::string& host, std::uint16_t port, time_span timeout,
                               std::error_code& error) {
  troupe::detail::task& self = detail::begin_call();
  error.clear();
  detail::time_limit limit(timeout);
  auto found = detail::look_up(host, port, self, limit, error);
  if (error) return {};
  detail::take_turns_by_family(found);
  return tcp_stream(detail::connect_to_any(found, self, limit, error));
}

tcp_stream tcp_stream::connect(const std::string& host, std::uint16_t port, time_span timeout) {
  std::error_code error;
  tcp_stream connected = connect(host, port, timeout, error);
  if (error) throw std::system_error(error, "troupe: connect to " + detail::shown(host, port));
  return connected;
}

endpoint tcp_stream::local_endpoint() const {
  constexpr const char* call = "troupe: tcp_stream::local_endpoint";
  endpoint answer;
  throw_if(detail::local_endpoint(require_open(socket_, call).descriptor, answer).code(), call);
  return answer;
}

endpoint tcp_stream::remote_endpoint() const {
  constexpr const char* call = "troupe: tcp_stream::remote_endpoint";
  endpoint answer;
  throw_if(detail::remote_endpoint(require_open(socket_, call).descriptor, answer).code(), call);
  return answer;
}

void tcp_stream::no_delay(bool on) {
  constexpr const char* call = "troupe: tcp_stream::no_delay";
  const int descriptor = require_open(socket_, call).descriptor;
  throw_if(set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0).code(), call);
}

void tcp_stream::keep_alive(const std::optional<keep_alive_options>& probes) {
  constexpr const char* call = "troupe: tcp_stream::keep_alive";
  const int descriptor = require_open(socket_, call).descriptor;
  if (probes) {
    check_range("idle", probes->idle.count(), 32767);
    check_range("interval", probes->interval.count(), 32767);
    check_range("count", probes->count, 127);
    set_probes(descriptor, *probes);
  }
  throw_if(set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, probes ? 1 : 0).code(), call);
}

void tcp_stream::abort() {
  if (is_open()) static_cast<void>(detail::reset_at_close(native_handle()));  // else an end
  close();
}

}  // namespace troupe::io

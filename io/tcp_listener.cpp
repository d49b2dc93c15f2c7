// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/tcp_listener.hpp>

#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <asio/ip/tcp.hpp>

#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace troupe::io {
namespace {

using detail::outcome;
using detail::set_option;
using detail::socket_ptr;

constexpr std::size_t most_listeners = 1024;  // as many as a system may have workers

void check(const listen_options& options) {
  if (options.backlog < 1) {
    throw std::invalid_argument("troupe: listen_options::backlog = " +
                                std::to_string(options.backlog) + " is not at least 1");
  }
}

/// Sets the options that come before bind(); the accepted connections inherit TCP_NODELAY.
outcome prepare(int descriptor, const endpoint& at, const listen_options& options) noexcept {
  outcome result = set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (!result.failed()) result = set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (!result.failed() && options.reuse_port) {
    result = set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (!result.failed() && at.data()->sa_family == AF_INET6) {
    result = set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0);
  }
  return result;
}

/// `turn`: as socket::open() has it, for which listener::in_turn is any_turn.
socket_ptr listen_at(const endpoint& at, const listen_options& options, std::uint32_t turn,
                     std::error_code& error) {
  const outcome made = detail::make_socket(at.data()->sa_family, SOCK_STREAM);
  socket_ptr s = detail::open_made(made, error, turn);
  if (error) return nullptr;
  s->short_read_drains = true;
  outcome result = prepare(s->descriptor, at, options);
  if (!result.failed()) result = detail::bind_and_listen(s->descriptor, at, options.backlog);
  error = result.code();
  return s;
}

}  // namespace

tcp_listener tcp_listener::bind(const std::string& address, std::uint16_t port,
                                listen_options options) {
  check(options);
  const std::string what = "troupe: cannot listen on";
  const auto parsed = detail::require_address(what, address, port);
  const std::uint32_t turn = options.worker ? *options.worker : in_turn;
  std::error_code error;
  socket_ptr s = listen_at(endpoint(parsed, port), options, turn, error);
  if (error) throw std::system_error(error, what + " " + detail::shown(address, port));
  return tcp_listener(std::move(s), turn);
}

std::vector<tcp_listener> tcp_listener::bind_several(std::size_t count, const std::string& address,
                                                     std::uint16_t port, listen_options options) {
  if (count < 1 || count > most_listeners) {
    throw std::invalid_argument("troupe: tcp_listener::bind_several: " + std::to_string(count) +
                                " listeners are not from 1 to " + std::to_string(most_listeners));
  }
  options.reuse_port = true;
  std::vector<tcp_listener> all;
  all.reserve(count);
  while (all.size() < count) {
    options.worker = static_cast<std::uint16_t>(all.size());
    all.push_back(bind(address, port, options));
    port = all.front().local_endpoint().port();
  }
  return all;
}

tcp_stream tcp_listener::accept() {
  std::error_code error;
  tcp_stream accepted = accept(error);
  detail::throw_if(error, "troupe: tcp_listener::accept");
  return accepted;
}

endpoint tcp_listener::local_endpoint() const {
  constexpr const char* call = "troupe: tcp_listener::local_endpoint";
  const int descriptor = detail::require_open(socket_, call).descriptor;
  endpoint answer;
  detail::throw_if(detail::local_endpoint(descriptor, answer).code(), call);
  return answer;
}

}  // namespace troupe::io

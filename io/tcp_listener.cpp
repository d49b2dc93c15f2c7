// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/tcp_listener.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/section.hpp>
#include <troupe/io/internal/socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace troupe::io {
namespace {

using detail::outcome;
using detail::readiness;
using detail::socket;
using detail::socket_ptr;
using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds first_pause =
    5ms;  // arbitrary: long for a core, short for a person
constexpr std::chrono::nanoseconds longest_pause = 200ms;

std::error_code not_listening() noexcept {
  return std::make_error_code(std::errc::bad_file_descriptor);
}

void check(const listen_options& options) {
  if (options.backlog < 1) {
    throw std::invalid_argument("troupe: listen_options::backlog = " +
                                std::to_string(options.backlog) + " is not at least 1");
  }
}

/// Sets the options that come before bind(); the accepted connections inherit TCP_NODELAY.
outcome prepare(int descriptor, const endpoint& at, const listen_options& options) noexcept {
  outcome result = detail::set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (!result.failed()) result = detail::set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (!result.failed() && at.data()->sa_family == AF_INET6) {
    result = detail::set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0);
  }
  return result;
}

socket_ptr listen_at(const endpoint& at, const listen_options& options, std::error_code& error) {
  const outcome made = detail::make_socket(at.data()->sa_family);
  error = made.code();
  if (error) return nullptr;
  socket_ptr s = socket::open(static_cast<int>(made.number));
  outcome result = prepare(s->descriptor, at, options);
  if (!result.failed()) result = detail::bind_and_listen(s->descriptor, at, options.backlog);
  error = result.code();
  return s;
}

/// The error is one of a connection that the peer or the network has given up already: see
/// accept(2).
bool concerns_one_connection(int error) noexcept {
  switch (error) {
    case ECONNABORTED:
    case EPROTO:
    case EPERM:  // a firewall's
    case ENETDOWN:
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
      return true;
    default:
      return false;
  }
}

bool is_shortage(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// Whose turn it is to watch a connection.
std::uint32_t next_turn() { return troupe::detail::current_scheduler()->next_worker().index(); }

/// The descriptor of the next connection.
outcome await_connection(socket& s, troupe::detail::task& self, std::error_code& error) {
  std::chrono::nanoseconds pause = first_pause;
  for (;;) {
    const auto state = s.input.clear();
    if (state == readiness::state::waited_for) detail::throw_waited_for();
    if (state == readiness::state::ready) {
      const outcome got = detail::accept(s.descriptor);
      if (!got.would_block()) s.input.set_ready();  // there may be more
      if (is_shortage(got.error)) {
        troupe::detail::sleep_until(
            troupe::detail::deadline_after(troupe::detail::now_ns(), pause));
        pause = std::min(2 * pause, longest_pause);
        continue;
      }
      if (concerns_one_connection(got.error)) {
        detail::begin_call(s.reads);
        continue;
      }
      if (!got.would_block()) return got;
    }
    error = s.watch(self);
    if (!error) error = detail::await_ready(s.input, self, troupe::detail::never_ns);
    if (error) return {};
  }
}

}  // namespace

tcp_listener tcp_listener::bind(const std::string& address, std::uint16_t port,
                                listen_options options) {
  check(options);
  std::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  socket_ptr s;
  if (!error) s = listen_at(endpoint(parsed, port), options, error);
  if (error) {
    throw std::system_error(error,
                            "troupe: cannot listen on " + address + ":" + std::to_string(port));
  }
  return tcp_listener(std::move(s));
}

tcp_stream tcp_listener::accept(std::error_code& error) {
  error.clear();
  if (socket_ == nullptr) {
    static_cast<void>(troupe::detail::waiting_task());  // throws on a plain thread all the same
    error = not_listening();
    return {};
  }
  troupe::detail::task& self = detail::begin_call(socket_->reads);
  const outcome got = await_connection(*socket_, self, error);
  if (!error) error = got.code();
  if (error) return {};
  return tcp_stream(socket::open(static_cast<int>(got.number), next_turn()));
}

tcp_stream tcp_listener::accept() {
  std::error_code error;
  tcp_stream accepted = accept(error);
  detail::throw_if(error, "troupe: tcp_listener::accept");
  return accepted;
}

endpoint tcp_listener::local_endpoint() const {
  constexpr const char* call = "troupe: tcp_listener::local_endpoint";
  if (socket_ == nullptr) throw std::system_error(not_listening(), call);
  endpoint answer;
  detail::throw_if(detail::local_endpoint(socket_->descriptor, answer).code(), call);
  return answer;
}

int tcp_listener::native_handle() const noexcept {
  return socket_ != nullptr ? socket_->descriptor : -1;
}

void tcp_listener::close() {
  if (socket_ != nullptr && socket_->is_waited_in()) {
    throw std::logic_error("troupe: tcp_listener::close() while an actor waits in accept()");
  }
  socket_.reset();
}

}  // namespace troupe::io

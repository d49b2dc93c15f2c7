// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/local_stream.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/io/internal/local_address.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <algorithm>

namespace troupe::io {
namespace {

using detail::local_address;
using detail::outcome;
using detail::socket_ptr;
using troupe::detail::now_ns;
using namespace std::chrono_literals;

// The kernel does not tell when a backlog has room again.
constexpr std::chrono::nanoseconds first_pause = 1ms;  // arbitrary, as for accept()
constexpr std::chrono::nanoseconds longest_pause = 50ms;

/// Until the listener's backlog has room, or the limit.
outcome connect_when_there_is_room(int descriptor, const local_address& to,
                                   std::uint64_t deadline_ns) {
  std::chrono::nanoseconds pause = first_pause;
  for (;;) {
    const outcome result = detail::connect(descriptor, to.ref());
    if (!result.would_block() || now_ns() >= deadline_ns) return result;
    troupe::detail::sleep_until(
        std::min(deadline_ns, troupe::detail::deadline_after(now_ns(), pause)));
    pause = std::min(2 * pause, longest_pause);
  }
}

}  // namespace

local_stream local_stream::connect(const std::string& path, time_span timeout,
                                   std::error_code& error) {
  detail::begin_call();
  detail::time_limit limit(timeout);
  const local_address to(path, error);
  if (error) return {};
  socket_ptr s = detail::open_made(detail::make_socket(AF_UNIX, SOCK_STREAM), error);
  if (error) return {};
  const outcome result = connect_when_there_is_room(s->descriptor, to, limit.deadline_ns());
  error = result.would_block() ? make_error_code(errc::timeout) : result.code();
  return error ? local_stream() : local_stream(std::move(s));
}

local_stream local_stream::connect(const std::string& path, time_span timeout) {
  std::error_code error;
  local_stream connected = connect(path, timeout, error);
  if (error) {
    throw std::system_error(error, detail::local_failure_text("connect to", path, error));
  }
  return connected;
}

std::pair<local_stream, local_stream> local_stream::make_pair() {
  int ends[2];
  detail::throw_if(detail::make_socket_pair(SOCK_STREAM, ends).code(),
                   "troupe: local_stream::make_pair");
  auto [first, second] = detail::open_two(ends);
  return {local_stream(std::move(first)), local_stream(std::move(second))};
}

}  // namespace troupe::io

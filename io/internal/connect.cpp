// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/connect.hpp>

#include <troupe/io/internal/socket.hpp>
#include <troupe/io/internal/system_call.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace troupe::io::detail {

socket_ptr connect_to(const endpoint& to, troupe::detail::task& self, time_limit& limit,
                      std::error_code& error) {
  const outcome made = make_socket(to.data()->sa_family);
  error = made.code();
  if (error) return nullptr;
  socket_ptr s = socket::open(static_cast<int>(made.number));
  set_option(s->descriptor, IPPROTO_TCP, TCP_NODELAY, 1);  // fails never on a fresh TCP socket

  outcome result = connect(s->descriptor, to);
  // Asked again after each wake-up: one may come for nothing.
  while (result.error == EINPROGRESS) {
    if (s->output.clear() == readiness::state::idle) {
      error = s->watch(self);
      if (!error) error = await_ready(s->output, self, limit.deadline_ns());
      if (error) return nullptr;
    }
    result = connected(s->descriptor);
  }
  error = result.code();
  if (error) return nullptr;
  s->output.set_ready();
  return s;
}

}  // namespace troupe::io::detail

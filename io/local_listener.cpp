// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/local_listener.hpp>

#include <troupe/io/internal/local_address.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <stdexcept>

namespace troupe::io {
namespace {

using detail::local_address;
using detail::outcome;
using detail::socket_ptr;

void check(const local_listen_options& options) {
  if (options.backlog < 1) {
    throw std::invalid_argument("troupe: local_listen_options::backlog = " +
                                std::to_string(options.backlog) + " is not at least 1");
  }
}

socket_ptr listen_at(const std::string& path, const local_listen_options& options,
                     std::error_code& error) {
  const local_address at(path, error);
  if (error) return nullptr;
  socket_ptr s = detail::open_made(detail::make_socket(AF_UNIX, SOCK_STREAM), error);
  if (error) return nullptr;
  outcome result = detail::bind_and_listen(s->descriptor, at.ref(), options.backlog);
  if (result.error == EADDRINUSE && options.remove_stale && at.is_stale(SOCK_STREAM)) {
    at.remove();
    result = detail::bind_and_listen(s->descriptor, at.ref(), options.backlog);
  }
  error = result.code();
  return s;
}

}  // namespace

local_listener local_listener::bind(const std::string& path, local_listen_options options) {
  check(options);
  std::error_code error;
  socket_ptr s = listen_at(path, options, error);
  if (error) {
    throw std::system_error(error, detail::local_failure_text("listen at", path, error));
  }
  return {std::move(s), detail::bound_path(path)};
}

local_stream local_listener::accept() {
  std::error_code error;
  local_stream accepted = accept(error);
  detail::throw_if(error, "troupe: local_listener::accept");
  return accepted;
}

void local_listener::close() {
  channel::close();
  path_.remove();
}

}  // namespace troupe::io

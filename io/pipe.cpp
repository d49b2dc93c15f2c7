// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/pipe.hpp>

#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <string>

namespace troupe::io {
namespace {

using detail::socket;
using detail::socket_ptr;

socket_ptr adopt_end(int descriptor) {
  const std::error_code error = detail::prepare_pipe(descriptor).code();
  if (error) {
    throw std::system_error(error, "troupe: cannot use descriptor " + std::to_string(descriptor) +
                                       " as an end of a pipe");
  }
  socket_ptr s = socket::open(descriptor);
  s->is_pipe = true;
  return s;
}

}  // namespace

pipe_reader pipe_reader::adopt(int descriptor) { return pipe_reader(adopt_end(descriptor)); }

pipe_writer pipe_writer::adopt(int descriptor) { return pipe_writer(adopt_end(descriptor)); }

std::pair<pipe_reader, pipe_writer> make_pipe() {
  int ends[2];
  detail::throw_if(detail::make_pipe(ends).code(), "troupe: make_pipe");
  auto [first, second] = detail::open_two(ends);
  first->is_pipe = second->is_pipe = true;
  return {pipe_reader(std::move(first)), pipe_writer(std::move(second))};
}

}  // namespace troupe::io

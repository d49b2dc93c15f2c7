// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/open_socket.hpp>

#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <exception>

#include <unistd.h>

namespace troupe::io::detail {

std::error_code not_open() noexcept { return std::make_error_code(std::errc::bad_file_descriptor); }

troupe::detail::task* begin_call(const socket_ptr& s, std::error_code& error) {
  error.clear();
  if (s != nullptr) return &begin_call();
  static_cast<void>(troupe::detail::waiting_task());  // throws on a plain thread all the same
  error = not_open();
  return nullptr;
}

socket& require_open(const socket_ptr& s, const char* call) {
  if (s == nullptr) throw std::system_error(not_open(), call);
  return *s;
}

socket_ptr open_made(const outcome& made, std::error_code& error, std::uint32_t turn) noexcept {
  error = made.code();
  if (error) return nullptr;
  try {
    return socket::open(static_cast<int>(made.number), turn);
  } catch (const std::exception&) {  // it needs nothing but memory
    error = std::make_error_code(std::errc::not_enough_memory);
    return nullptr;
  }
}

std::pair<socket_ptr, socket_ptr> open_two(const int (&descriptors)[2]) {
  socket_ptr first;
  try {
    first = socket::open(descriptors[0]);
  } catch (...) {
    ::close(descriptors[1]);
    throw;
  }
  return {std::move(first), socket::open(descriptors[1])};
}

}  // namespace troupe::io::detail

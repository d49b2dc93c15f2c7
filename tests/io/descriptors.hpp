// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <support/eventually.hpp>

#include <cstdint>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::test {

/// A descriptor of the test's own.
class descriptor {
 public:
  descriptor() noexcept = default;
  explicit descriptor(int number) : number_(number) {
    if (number == -1) throw std::system_error(errno, std::generic_category(), "descriptor");
  }
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { close(); }

  int get() const noexcept { return number_; }
  /// Somebody else's from here on.
  int release() noexcept { return std::exchange(number_, -1); }
  void close() {
    if (number_ != -1) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

/// Two connected sockets that do not block.
struct socket_pair {
  socket_pair() {
    int both[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both) == -1)
      throw std::system_error(errno, std::generic_category(), "socketpair");
    near = descriptor(both[0]);
    far = descriptor(both[1]);
  }
  descriptor near;
  descriptor far;
};

/// Readable while its number is not 0.
inline descriptor make_eventfd(unsigned number) {
  return descriptor(::eventfd(number, EFD_NONBLOCK | EFD_CLOEXEC));
}

inline bool is_open(int number) { return ::fcntl(number, F_GETFD) != -1; }

/// Whether it is closed, or soon will be: the runtime's monitor may have got the number for a file
/// of its own, for a moment.
[[nodiscard]] inline bool is_closed(int number) {
  return eventually([&] { return !is_open(number); });
}

inline void write_byte(int number) {
  const char byte = 'x';
  if (::write(number, &byte, 1) != 1)
    throw std::system_error(errno, std::generic_category(), "write");
}

/// Sends register_socket for a descriptor that the reactor gets; its id.
inline io::socket_id watch(io::reactor_ref reactor, descriptor& d, io::interest wanted,
                           io::receiver to) {
  const auto id = io::socket_id::make();
  reactor.send(io::register_socket{id, d.get(), wanted, to});
  static_cast<void>(d.release());
  return id;
}

/// The reason of the socket_closed that comes next.
inline std::error_code await_closed(context& self, io::socket_id id) {
  std::error_code reason = std::make_error_code(std::errc::interrupted);
  const auto its = [id](const io::socket_closed& m) { return m.id == id; };
  self.receive(when(its, [&](const io::socket_closed& m) { reason = m.reason; }));
  return reason;
}

/// The socket_ready that comes next.
inline io::socket_ready await_ready(context& self, io::socket_id id) {
  io::socket_ready answer;
  const auto its = [id](const io::socket_ready& m) { return m.id == id; };
  self.receive(when(its, [&](const io::socket_ready& m) { answer = m; }));
  return answer;
}

}  // namespace troupe::test

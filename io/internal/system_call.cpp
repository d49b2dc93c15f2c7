// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/system_call.hpp>

#include <asio/ip/tcp.hpp>

#include <poll.h>
#include <sys/socket.h>

namespace troupe::io::detail {
namespace {

/// Makes `call` until it is not interrupted.
template <class Call>
outcome perform(Call call) noexcept {
  for (;;) {
    const auto result = call();
    if (result >= 0) return {static_cast<std::size_t>(result), 0};
    if (errno != EINTR) return {0, errno};
  }
}

using get_name = int (*)(int, sockaddr*, socklen_t*);

outcome name_of(int descriptor, get_name get, endpoint& answer) noexcept {
  auto size = static_cast<socklen_t>(answer.capacity());
  const outcome result = perform([&] { return get(descriptor, answer.data(), &size); });
  if (!result.failed()) answer.resize(size);
  return result;
}

}  // namespace

[[gnu::noinline]] outcome receive(int descriptor, std::span<std::byte> buffer) noexcept {
  return perform([&] { return ::recv(descriptor, buffer.data(), buffer.size(), 0); });
}

[[gnu::noinline]] outcome peek(int descriptor) noexcept {
  std::byte room;
  return perform([&] { return ::recv(descriptor, &room, 1, MSG_PEEK); });
}

[[gnu::noinline]] bool is_readable(int descriptor) noexcept {
  pollfd look{descriptor, POLLIN, 0};
  return ::poll(&look, 1, 0) == 1 && (look.revents & POLLIN) != 0;
}

[[gnu::noinline]] outcome send(int descriptor, std::span<const std::byte> data) noexcept {
  return perform([&] { return ::send(descriptor, data.data(), data.size(), MSG_NOSIGNAL); });
}

[[gnu::noinline]] outcome shut_down_sending(int descriptor) noexcept {
  return perform([&] { return ::shutdown(descriptor, SHUT_WR); });
}

[[gnu::noinline]] outcome make_socket(int family) noexcept {
  return perform(
      [&] { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP); });
}

[[gnu::noinline]] outcome accept(int descriptor) noexcept {
  return perform(
      [&] { return ::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
}

[[gnu::noinline]] outcome connect(int descriptor, const endpoint& to) noexcept {
  if (::connect(descriptor, to.data(), static_cast<socklen_t>(to.size())) == 0) return {};
  return {0, errno == EINTR ? EINPROGRESS : errno};  // interrupted, it goes on in the background
}

[[gnu::noinline]] outcome connected(int descriptor) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  const outcome asked =
      perform([&] { return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size); });
  if (asked.failed()) return asked;
  if (error != 0) return {0, error};
  endpoint peer;
  const outcome named = remote_endpoint(descriptor, peer);
  return named.error == ENOTCONN ? outcome{0, EINPROGRESS} : named;
}

[[gnu::noinline]] outcome bind_and_listen(int descriptor, const endpoint& at,
                                          int backlog) noexcept {
  const outcome bound =
      perform([&] { return ::bind(descriptor, at.data(), static_cast<socklen_t>(at.size())); });
  return bound.failed() ? bound : perform([&] { return ::listen(descriptor, backlog); });
}

[[gnu::noinline]] outcome set_option(int descriptor, int level, int option, int value) noexcept {
  return perform([&] { return ::setsockopt(descriptor, level, option, &value, sizeof value); });
}

[[gnu::noinline]] outcome local_endpoint(int descriptor, endpoint& answer) noexcept {
  return name_of(descriptor, &::getsockname, answer);
}

[[gnu::noinline]] outcome remote_endpoint(int descriptor, endpoint& answer) noexcept {
  return name_of(descriptor, &::getpeername, answer);
}

}  // namespace troupe::io::detail

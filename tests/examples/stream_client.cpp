// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <examples/stream_client.hpp>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace troupe::test {
namespace {

constexpr std::chrono::minutes patience(1);

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void wait_for(int descriptor, short events, std::chrono::milliseconds limit, const char* what) {
  pollfd entry{descriptor, events, 0};
  if (::poll(&entry, 1, static_cast<int>(limit.count())) <= 0) throw std::runtime_error(what);
}

int open_socket(int family, const sockaddr* address, socklen_t size) {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  if (::connect(descriptor, address, size) != 0) {
    const int error = errno;
    ::close(descriptor);
    errno = error;
    fail("connect");
  }
  return descriptor;
}

}  // namespace

stream_client stream_client::tcp(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor =
      open_socket(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return stream_client(descriptor);
}

stream_client stream_client::unix_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return stream_client(
      open_socket(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

stream_client::stream_client(stream_client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)) {}

stream_client& stream_client::operator=(stream_client&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(received_, other.received_);
  return *this;
}

stream_client::~stream_client() { close(); }

void stream_client::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void stream_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) fail("send");
    if (sent < 0) {
      wait_for(descriptor_, POLLOUT, patience, "the server takes nothing");
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
}

std::size_t stream_client::send_some(std::string_view bytes) {
  const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

std::size_t stream_client::fill(std::chrono::milliseconds limit) {
  wait_for(descriptor_, POLLIN, limit, "the server says nothing");
  std::array<char, 65536> chunk;
  const auto count = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
  if (count < 0 && errno != ECONNRESET) fail("recv");
  if (count <= 0) return 0;
  received_.append(chunk.data(), static_cast<std::size_t>(count));
  return static_cast<std::size_t>(count);
}

std::size_t stream_client::fill() { return fill(patience); }

std::string stream_client::read_until(std::string_view mark) {
  for (;;) {
    if (const auto at = received_.find(mark); at != std::string::npos) {
      auto result = received_.substr(0, at + mark.size());
      received_.erase(0, result.size());
      return result;
    }
    if (fill(patience) == 0) throw std::runtime_error("the server closed the connection");
  }
}

std::string stream_client::read_exactly(std::size_t count) {
  while (received_.size() < count) {
    if (fill(patience) == 0) throw std::runtime_error("the server closed the connection");
  }
  auto result = received_.substr(0, count);
  received_.erase(0, count);
  return result;
}

std::string stream_client::read_to_end(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw std::runtime_error("the server keeps the connection open");
    if (fill(left) == 0) return std::exchange(received_, {});
  }
}

bool stream_client::readable(std::chrono::milliseconds limit) {
  pollfd entry{descriptor_, POLLIN, 0};
  return !received_.empty() || ::poll(&entry, 1, static_cast<int>(limit.count())) > 0;
}

void stream_client::shutdown_send() { ::shutdown(descriptor_, SHUT_WR); }

void stream_client::receive_buffer(int bytes) {
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void stream_client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace troupe::test

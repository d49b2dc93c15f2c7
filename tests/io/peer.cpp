// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <io/peer.hpp>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::test {
namespace {

template <class Result>
Result check(Result result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int make_socket() { return check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"); }

}  // namespace

peer peer::connect_to(std::uint16_t port) {
  peer made(make_socket());
  const sockaddr_in address = loopback(port);
  check(::connect(made.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "connect");
  const int on = 1;
  check(::setsockopt(made.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  return made;
}

peer::peer(peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

peer& peer::operator=(peer&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

peer::~peer() { close(); }

void peer::send(std::string_view text) {
  while (!text.empty()) {
    const auto sent = check(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL), "send");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string peer::receive(std::size_t bytes) {
  std::string got(bytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes) {
    const auto n = check(::recv(descriptor_, got.data() + filled, bytes - filled, 0), "recv");
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  got.resize(filled);
  return got;
}

std::string peer::receive_all() {
  std::string got;
  char room[4096];
  while (const auto n = check(::recv(descriptor_, room, sizeof room, 0), "recv")) {
    got.append(room, static_cast<std::size_t>(n));
  }
  return got;
}

void peer::send_urgent(char byte) { check(::send(descriptor_, &byte, 1, MSG_OOB), "send"); }

void peer::shutdown() { check(::shutdown(descriptor_, SHUT_WR), "shutdown"); }

void peer::reset() {
  const linger at_once{1, 0};
  check(::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "SO_LINGER");
  close();
}

void peer::close() {
  if (descriptor_ != -1) ::close(std::exchange(descriptor_, -1));
}

void peer::receive_buffer(int bytes) {
  check(::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), "SO_RCVBUF");
}

peer_listener::peer_listener(int backlog) : descriptor_(make_socket()) {
  const sockaddr_in address = loopback(0);
  check(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  check(::listen(descriptor_, backlog), "listen");
}

peer_listener::~peer_listener() { ::close(descriptor_); }

std::uint16_t peer_listener::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  check(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

peer peer_listener::accept() {
  return peer(check(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC), "accept"));
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace troupe::test

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <bench/servers/epoll_listener.hpp>

#include <system_error>

namespace bench_servers {

int checked(int outcome, const char* call) {
  if (outcome < 0) throw std::system_error(errno, std::generic_category(), call);
  return outcome;
}

epoll_listener::epoll_listener(std::uint16_t port)
    : poller_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      listener_(
          checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")) {
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  checked(::bind(listener_, generic, size), "bind");
  checked(::listen(listener_, 1024), "listen");
  checked(::getsockname(listener_, generic, &size), "getsockname");
  port_ = ntohs(address.sin_port);
  watch(listener_, EPOLLIN);
}

void epoll_listener::watch(int descriptor, std::uint32_t events, int operation) const {
  epoll_event interest{};
  interest.events = events;
  interest.data.fd = descriptor;
  checked(::epoll_ctl(poller_, operation, descriptor, &interest), "epoll_ctl");
}

int epoll_listener::accept() const {
  const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (peer < 0) return peer;
  const int on = 1;
  ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return peer;
}

}  // namespace bench_servers

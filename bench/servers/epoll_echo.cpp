// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// What troupe's TCP is compared with: an echo server with nothing between it and the kernel. One
// thread, level-triggered epoll, one buffer for all connections; what a peer does not take at once
// is kept, and read again when there is room.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bench/servers/comparison_server.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

namespace {

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

int checked(int outcome, const char* call) {
  if (outcome < 0) fail(call);
  return outcome;
}

class echo_server {
 public:
  explicit echo_server(std::uint16_t port)
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
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int ready = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), -1);
      if (ready < 0 && errno != EINTR) fail("epoll_wait");
      for (int i = 0; i < ready; ++i) {
        const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
        if (descriptor == listener_) {
          accept_all();
        } else {
          serve(descriptor);
        }
      }
    }
  }

 private:
  void watch(int descriptor, std::uint32_t events, int operation) const {
    epoll_event interest{};
    interest.events = events;
    interest.data.fd = descriptor;
    checked(::epoll_ctl(poller_, operation, descriptor, &interest), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (peer < 0) return;  // none is left, or it has gone again
      const int on = 1;
      ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto index = static_cast<std::size_t>(peer);
      if (unsent_.size() <= index) unsent_.resize(index + 1);
      unsent_[index].clear();
      watch(peer, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  void serve(int peer) {
    auto& unsent = unsent_[static_cast<std::size_t>(peer)];
    if (!unsent.empty()) return send_rest(peer, unsent);
    const auto count = ::recv(peer, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return static_cast<void>(::close(peer));
    const auto sent = ::send(peer, buffer_.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL);
    if (sent == count) return;
    if (sent < 0 && errno != EAGAIN) return static_cast<void>(::close(peer));
    unsent.assign(buffer_.data() + (sent < 0 ? 0 : sent), buffer_.data() + count);
    watch(peer, EPOLLOUT, EPOLL_CTL_MOD);
  }

  void send_rest(int peer, std::string& unsent) const {
    const auto sent = ::send(peer, unsent.data(), unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return static_cast<void>(::close(peer));
    unsent.erase(0, static_cast<std::size_t>(sent));
    if (unsent.empty()) watch(peer, EPOLLIN, EPOLL_CTL_MOD);
  }

  int poller_;
  int listener_;
  std::uint16_t port_ = 0;
  std::array<char, 4096> buffer_{};
  std::vector<std::string> unsent_;  // by descriptor
};

}  // namespace

int main(int argc, char** argv) {
  const auto port = bench_servers::port_from(argc, argv);
  try {
    bench_servers::allow_all_descriptors();
    echo_server server(port);
    bench_servers::print_ready("epoll", server.port());
    server.run();
  } catch (const std::exception& problem) {
    bench_servers::print_problem(argv[0], problem);
    return 1;
  }
}

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// How near a framework with a stack for each connection can come to the plain epoll server: that
// server with nothing else added but the stacks. A connection is a loop on a Boost.Context fiber,
// edge-triggered epoll says which one goes on, and there are no actors, no messages and no other
// threads. It sends to peers that take what they are sent; it is no server for others.
#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <boost/context/preallocated.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bench/servers/comparison_server.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace context = boost::context;

int checked(int outcome, const char* call) {
  if (outcome < 0) throw std::system_error(errno, std::generic_category(), call);
  return outcome;
}

/// A connection, on a stack of its own.
class connection {
 public:
  explicit connection(int peer, std::size_t number) : peer_(peer), loop_(on_stack(number)) {
    loop_ = std::move(loop_).resume();
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { ::close(peer_); }

  /// There is something to read; the `last` time epoll says so, perhaps. False: it has ended.
  bool go_on(bool last) {
    is_last_ = last;
    loop_ = std::move(loop_).resume();
    return static_cast<bool>(loop_);
  }

 private:
  static constexpr std::size_t stack_size = std::size_t{64} * 1024;

  /// Stacks begin at different lines of their pages: else they would share few sets of the cache.
  context::fiber on_stack(std::size_t number) {
    context::fixedsize_stack memory(stack_size);
    const context::stack_context all = memory.allocate();
    constexpr std::size_t line = 64;
    const std::size_t offset = number % 16 * 2 * line;
    const context::preallocated begin(static_cast<char*>(all.sp) - offset, all.size - offset, all);
    return {std::allocator_arg, begin, memory, [this](context::fiber&& server) {
              echo(server);
              return std::move(server);
            }};
  }

  void echo(context::fiber& server) const {
    std::array<char, 512> buffer;
    for (bool drained = true;;) {
      if (drained) server = std::move(server).resume();  // until there is something to read
      const auto count = ::recv(peer_, buffer.data(), buffer.size(), 0);
      drained = count < 0 && errno == EAGAIN;
      if (drained || (count < 0 && errno == EINTR)) continue;
      if (count <= 0) return;
      const auto size = static_cast<std::size_t>(count);
      if (::send(peer_, buffer.data(), size, MSG_NOSIGNAL) != count) return;
      drained = size < buffer.size() && !is_last_;  // else it may end without another event
    }
  }

  int peer_;
  bool is_last_ = false;
  context::fiber loop_;
};

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
    watch(listener_, EPOLLIN);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int ready = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), -1);
      if (ready < 0 && errno != EINTR) checked(ready, "epoll_wait");
      for (int i = 0; i < ready; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_) {
          accept_all();
          continue;
        }
        auto& peer = peers_[static_cast<std::size_t>(event.data.fd)];
        if (!peer->go_on((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)) peer.reset();
      }
    }
  }

 private:
  void watch(int descriptor, std::uint32_t events) const {
    epoll_event interest{};
    interest.events = events;
    interest.data.fd = descriptor;
    checked(::epoll_ctl(poller_, EPOLL_CTL_ADD, descriptor, &interest), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (peer < 0) return;  // none is left, or it has gone again
      const int on = 1;
      ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto index = static_cast<std::size_t>(peer);
      if (peers_.size() <= index) peers_.resize(index + 1);
      peers_[index] = std::make_unique<connection>(peer, index);
      watch(peer, EPOLLIN | EPOLLRDHUP | EPOLLET);
    }
  }

  int poller_;
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<connection>> peers_;  // by descriptor
};

}  // namespace

int main(int argc, char** argv) {
  const auto port = bench_servers::port_from(argc, argv);
  try {
    bench_servers::allow_all_descriptors();
    echo_server server(port);
    bench_servers::print_ready("stack", server.port());
    server.run();
  } catch (const std::exception& problem) {
    bench_servers::print_problem(argv[0], problem);
    return 1;
  }
}

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// How near a framework with a stack for each connection can come to the plain epoll server: that
// server with nothing else added but the stacks. A connection is a loop on a Boost.Context fiber,
// edge-triggered epoll says which one goes on, and there are no actors, no messages and no other
// threads. It sends to peers that take what they are sent; it is no server for others.
#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <boost/context/preallocated.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <bench/servers/comparison_server.hpp>
#include <bench/servers/epoll_listener.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace {

namespace context = boost::context;

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
  explicit echo_server(std::uint16_t port) : listener_(port) {}

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  [[noreturn]] void run() {
    listener_.run([this](int peer) { begin(peer); },
                  [this](int peer, std::uint32_t events) { serve(peer, events); });
  }

 private:
  void begin(int peer) {
    const auto index = static_cast<std::size_t>(peer);
    if (peers_.size() <= index) peers_.resize(index + 1);
    peers_[index] = std::make_unique<connection>(peer, index);
    listener_.watch(peer, EPOLLIN | EPOLLRDHUP | EPOLLET);
  }

  void serve(int peer, std::uint32_t events) {
    auto& served = peers_[static_cast<std::size_t>(peer)];
    const bool last = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (!served->go_on(last)) served.reset();
  }

  bench_servers::epoll_listener listener_;
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

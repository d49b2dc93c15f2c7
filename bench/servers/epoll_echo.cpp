// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// What troupe's TCP is compared with: an echo server with nothing between it and the kernel. One
// thread, level-triggered epoll, one buffer for all connections; what a peer does not take at once
// is kept, and read again when there is room.
#include <sys/socket.h>
#include <unistd.h>

#include <bench/servers/comparison_server.hpp>
#include <bench/servers/epoll_listener.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace {

class echo_server {
 public:
  explicit echo_server(std::uint16_t port) : listener_(port) {}

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  [[noreturn]] void run() {
    listener_.run([this](int peer) { begin(peer); },
                  [this](int peer, std::uint32_t /*events*/) { serve(peer); });
  }

 private:
  void begin(int peer) {
    const auto index = static_cast<std::size_t>(peer);
    if (unsent_.size() <= index) unsent_.resize(index + 1);
    unsent_[index].clear();
    listener_.watch(peer, EPOLLIN);
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
    listener_.watch(peer, EPOLLOUT, EPOLL_CTL_MOD);
  }

  void send_rest(int peer, std::string& unsent) const {
    const auto sent = ::send(peer, unsent.data(), unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return static_cast<void>(::close(peer));
    unsent.erase(0, static_cast<std::size_t>(sent));
    if (unsent.empty()) listener_.watch(peer, EPOLLIN, EPOLL_CTL_MOD);
  }

  bench_servers::epoll_listener listener_;
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

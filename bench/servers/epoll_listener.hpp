// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace bench_servers {

/// Throws std::system_error, naming the call, when `outcome` is negative.
int checked(int outcome, const char* call);

/// A listening socket on 127.0.0.1 and the epoll set of a server of one thread.
class epoll_listener {
 public:
  /// Port 0: any. Throws std::system_error.
  explicit epoll_listener(std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void watch(int descriptor, std::uint32_t events, int operation = EPOLL_CTL_ADD) const;

  /// Calls accepted(descriptor) for each new connection, and ready(descriptor, events) for each
  /// event of another descriptor, for ever.
  template <class Accepted, class Ready>
  [[noreturn]] void run(Accepted accepted, Ready ready) const {
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int count = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), -1);
      if (count < 0 && errno != EINTR) checked(count, "epoll_wait");
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_) {
          for (int peer = accept(); peer >= 0; peer = accept()) accepted(peer);
        } else {
          ready(event.data.fd, event.events);
        }
      }
    }
  }

 private:
  /// Negative: none is left, or it has gone again.
  [[nodiscard]] int accept() const;

  int poller_;
  int listener_;
  std::uint16_t port_ = 0;
};

}  // namespace bench_servers

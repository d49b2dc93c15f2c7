// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <support/random.hpp>
#include <io/peer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace troupe::test {

/// What a fault_proxy does to the connections that it passes on, at random.
struct faults {
  std::size_t largest_piece = 1500;            ///< bytes that are passed on at once
  std::chrono::microseconds longest_delay{0};  ///< before some of them
  std::uint64_t cut_within = 0;  ///< bytes after which a connection is cut at the latest; 0: never
};

/// A bad network: passes connections on to 127.0.0.1 by blocking sockets and threads that know
/// nothing of troupe. Whatever it does, it changes no byte and no order. Its choices come from the
/// test's seed. The destructor cuts what is left.
class fault_proxy {
 public:
  fault_proxy(std::uint16_t target, const faults& how);
  ~fault_proxy();
  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  /// Connections cut so far, half of them by a reset.
  int cuts() const { return cuts_.load(); }

 private:
  struct tunnel;

  void accept_all();
  void run(tunnel& both, std::uint64_t number);
  void pump(tunnel& both, peer& from, peer& to, std::uint64_t stream);
  bool send_all(const tunnel& both, const peer& to, const char* bytes, std::size_t count);

  const std::uint16_t target_;
  const faults how_;
  peer_listener listener_{256};
  std::atomic<bool> stops_{false};
  std::atomic<int> cuts_{0};
  std::vector<std::unique_ptr<tunnel>> tunnels_;  // the accepting thread's
  std::thread accepting_;
};

}  // namespace troupe::test

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::test {

/// The other side of a connection: a blocking socket that knows nothing of troupe. Each call throws
/// std::system_error when it fails.
class peer {
 public:
  /// Connects to 127.0.0.1.
  static peer connect_to(std::uint16_t port);
  /// Not connected.
  peer() noexcept = default;
  /// Owns the descriptor.
  explicit peer(int descriptor) noexcept : descriptor_(descriptor) {}
  peer(peer&& other) noexcept;
  peer& operator=(peer&& other) noexcept;
  ~peer();

  void send(std::string_view text);
  /// Exactly that many bytes, or fewer at the end of the stream.
  std::string receive(std::size_t bytes);
  /// Everything up to the end of the stream.
  std::string receive_all();
  /// One byte of urgent data.
  void send_urgent(char byte);
  void shutdown();
  /// Closes with a reset, as a crashed peer does.
  void reset();
  void close();
  void receive_buffer(int bytes);
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
};

/// A blocking listener on 127.0.0.1.
class peer_listener {
 public:
  explicit peer_listener(int backlog = 16);
  ~peer_listener();
  peer_listener(const peer_listener&) = delete;
  peer_listener& operator=(const peer_listener&) = delete;

  std::uint16_t port() const;
  peer accept();

 private:
  int descriptor_;
};

/// Descriptors that this process has open.
std::size_t open_descriptors();

}  // namespace troupe::test

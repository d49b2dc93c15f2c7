// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::test {

/// A connection to a server, as plain as possible. Every wait that lasts a minute throws.
class stream_client {
 public:
  static stream_client tcp(std::uint16_t port);
  static stream_client unix_socket(const std::string& path);
  stream_client(stream_client&& other) noexcept;
  stream_client& operator=(stream_client&& other) noexcept;
  ~stream_client();

  void send(std::string_view bytes);
  /// Sends what goes out without waiting, and returns how much that was; 0 as well when the server
  /// closed the connection.
  std::size_t send_some(std::string_view bytes);

  /// Everything up to and including the first `mark`.
  std::string read_until(std::string_view mark);
  std::string read_exactly(std::size_t count);
  /// Everything until the server closes the connection. Throws when it is still open after `limit`.
  std::string read_to_end(std::chrono::milliseconds limit = std::chrono::minutes(1));
  /// Whether bytes, or the end, come within `limit`.
  bool readable(std::chrono::milliseconds limit);

  void shutdown_send();
  void close();
  /// Closes with a reset, as a crashed client does.
  void reset();
  /// How much the kernel keeps of what was not read.
  void receive_buffer(int bytes);
  int descriptor() const { return descriptor_; }

 protected:
  /// Adds what comes to received(); 0: the server has closed the connection.
  std::size_t fill();
  std::string& received() { return received_; }

 private:
  explicit stream_client(int descriptor) : descriptor_(descriptor) {}
  std::size_t fill(std::chrono::milliseconds limit);

  int descriptor_;
  std::string received_;
};

}  // namespace troupe::test

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace kv::test {

/// An answer, taken apart.
struct reply {
  char type = 0;     ///< one of + - : $ *
  std::string text;  ///< of the line, or of the bulk string; "-1" for null
  std::vector<reply> items;
};

/// Takes apart one answer, which `bytes` begins with, and removes it from there. False: incomplete.
/// Throws std::runtime_error when it is not RESP2.
bool take_reply(std::string_view& bytes, reply& result);

/// A connection to a server, as plain as possible. Every wait that lasts a minute throws.
class client {
 public:
  static client tcp(std::uint16_t port);
  static client unix_socket(const std::string& path);
  client(client&& other) noexcept;
  client& operator=(client&& other) noexcept;
  ~client();

  void send(std::string_view bytes);
  /// Sends what goes out without waiting, and returns how much that was; 0 as well when the server
  /// closed the connection.
  std::size_t send_some(std::string_view bytes);
  void send(std::initializer_list<std::string_view> arguments);

  /// The bytes of the next answer.
  std::string read_reply();
  /// The next answer to `arguments`, which is sent.
  std::string ask(std::initializer_list<std::string_view> arguments);
  std::string ask(const std::vector<std::string>& arguments);

  /// Everything until the server closes the connection. Throws when it is still open after `limit`.
  std::string read_to_end(std::chrono::milliseconds limit = std::chrono::minutes(1));
  /// Whether bytes, or the end, come within `limit`.
  bool readable(std::chrono::milliseconds limit);

  void shutdown_send();
  void close();
  /// How much the kernel keeps of what was not read.
  void receive_buffer(int bytes);
  int descriptor() const { return descriptor_; }

 private:
  explicit client(int descriptor) : descriptor_(descriptor) {}
  std::size_t fill(std::chrono::milliseconds limit);

  int descriptor_;
  std::string received_;
};

}  // namespace kv::test

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/stream_client.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
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

/// A connection to a server that speaks RESP.
class client : public troupe::test::stream_client {
 public:
  static client tcp(std::uint16_t port) { return client(stream_client::tcp(port)); }
  static client unix_socket(const std::string& path) {
    return client(stream_client::unix_socket(path));
  }

  using stream_client::send;
  void send(std::initializer_list<std::string_view> arguments);

  /// The bytes of the next answer.
  std::string read_reply();
  /// The next answer to `arguments`, which is sent.
  std::string ask(std::initializer_list<std::string_view> arguments);
  std::string ask(const std::vector<std::string>& arguments);

 private:
  explicit client(stream_client&& plain) : stream_client(std::move(plain)) {}
};

}  // namespace kv::test

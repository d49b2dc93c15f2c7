// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/http_server/http/request_parser.hpp>
#include <examples/http_server/http/response.hpp>
#include <examples/http_server/site.hpp>

#include <troupe/troupe.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace http {

/// What a connection may take.
struct connection_limits {
  request_limits request{};
  std::chrono::milliseconds idle{60'000};          ///< between two requests
  std::chrono::milliseconds request_time{20'000};  ///< from its first byte to its last
  std::chrono::milliseconds write{20'000};         ///< for 16 KiB of answers
};

/// A client's connection, as seen by the actor that serves it. Answers are collected while there
/// are requests to be read, so that a pipeline costs one read and one write.
class connection {
 public:
  connection(troupe::context self, troupe::io::tcp_stream stream, const connection_limits& limits);

  /// Serves requests until the connection is to end. **Suspends**. **Errors** std::system_error
  /// when the client is gone, or takes nothing.
  void serve();

 private:
  using clock = std::chrono::steady_clock;

  std::size_t read(std::span<std::byte> buffer);
  [[nodiscard]] bool is_within() const;
  [[nodiscard]] bool handle(std::string_view bytes);
  [[nodiscard]] bool answer();
  [[nodiscard]] bool answer_request(const request& what);
  [[nodiscard]] bool stream_lines(const request& what, std::string_view query);
  void echo(const request& what);
  void send_answers();
  void send(std::string_view bytes);
  void refuse(status code);
  void close_gently();

  troupe::context self_;
  troupe::io::tcp_stream stream_;
  connection_limits limits_;
  request_parser parser_;
  response_writer writer_;
  /// Of the request that has begun, or for the next one to begin.
  clock::time_point deadline_;
};

}  // namespace http

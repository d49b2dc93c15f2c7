// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/protocol/arguments.hpp>
#include <examples/kv_server/protocol/query_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kv {

/// What a client may send; Redis's own limits by default.
struct request_limits {
  std::size_t line = 64 * 1024;                           ///< an inline request, or a length
  std::size_t arguments = 1024 * 1024;                    ///< of one request
  std::size_t argument = std::size_t{512} * 1024 * 1024;  ///< bytes of one argument
  std::size_t buffer = std::size_t{1024} * 1024 * 1024;   ///< bytes waiting to be executed; < 4 GiB
};

/// Cuts what one client sends into requests: RESP2 arrays of bulk strings, and inline lines.
///
/// Bytes are read into room(); parse() collects every request that is complete; once these were
/// executed, drop_parsed() makes room for the next. An unfinished request is never looked at twice,
/// however small the pieces that it arrives in.
class request_reader {
 public:
  enum class state : std::uint8_t {
    ok,
    protocol_error,  ///< to be answered with error(), after the requests before it; then closed
    too_large,       ///< more than limits.buffer: to be closed without an answer, as Redis does
  };

  struct request {
    std::uint32_t first = 0;  ///< argument, in the list of all
    std::uint32_t count = 0;
  };

  /// What it holds is counted as `client`'s, unless that is null.
  explicit request_reader(request_limits limits = {}, client_memory* client = nullptr)
      : limits_(limits), buffer_(client), counted_lists_(client) {}

  [[nodiscard]] std::span<char> room() { return buffer_.room(); }
  void commit(std::size_t bytes) { buffer_.commit(bytes); }

  /// Looks at what was committed since the last call. After anything but `ok` do not call it again.
  /// Throws client_memory_exceeded, as room() does.
  state parse();

  /// The complete requests. Valid until drop_parsed().
  [[nodiscard]] std::span<const request> requests() const { return requests_; }
  [[nodiscard]] arguments arguments_of(const request& which) const {
    return {buffer_.data(), {list_.data() + which.first, which.count}};
  }
  [[nodiscard]] std::span<argument> argument_list(const request& which) {
    return {list_.data() + which.first, which.count};
  }

  void drop_parsed();

  /// Whether a request has begun and is not complete yet.
  [[nodiscard]] bool within_request() const { return buffer_.size() > frame_; }

  /// Bytes of memory that what was sent takes.
  [[nodiscard]] std::size_t capacity() const { return buffer_.capacity(); }

  /// What is wrong, as Redis words it, without "ERR Protocol error: ".
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  enum class step : std::uint8_t { done, incomplete, failed };

  step parse_one();
  step parse_inline();
  step parse_array();
  step parse_count();
  step parse_argument();
  step parse_length();
  step find_line_end(char mark, const char* too_big, std::size_t& end);
  void request_complete();
  void count_lists();
  step fail(std::string what);

  request_limits limits_;
  query_buffer buffer_;
  counted_bytes counted_lists_;
  std::vector<argument> list_;  // of all requests, and behind them of the unfinished one
  std::vector<request> requests_;
  std::string error_;

  // Offsets count from the first byte in the buffer.
  std::size_t frame_ = 0;    // where the unfinished request begins
  std::size_t at_ = 0;       // everything before is understood
  std::size_t scanned_ = 0;  // no line end before this one, at or behind at_
  std::size_t first_ = 0;    // the unfinished request's first argument
  std::size_t missing_ = 0;  // arguments that it still lacks
  std::int64_t length_ = no_length;

  static constexpr std::int64_t no_length = -1;
};

}  // namespace kv

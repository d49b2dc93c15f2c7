// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/http_server/http/chunk_decoder.hpp>
#include <examples/http_server/http/memory_budget.hpp>
#include <examples/http_server/http/request.hpp>
#include <examples/http_server/http/status.hpp>

#include <http_parser.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace http {

/// How large a request may be, in bytes.
struct request_limits {
  std::size_t target = std::size_t{8} * 1024;
  std::size_t head = std::size_t{32} * 1024;  ///< all header fields
  std::size_t body = std::size_t{1024} * 1024;
  /// For the bodies of all connections together; null: no bound.
  std::shared_ptr<memory_budget> bodies{};
};

/// Cuts the bytes of a connection into requests; knows no sockets. Not thread-safe.
class request_parser {
 public:
  enum class state : std::uint8_t {
    between,   ///< nothing of the next request has come
    within,    ///< a part of it
    complete,  ///< request() is there; go on with next()
    failed,    ///< failure() says why; there is no going on
  };

  explicit request_parser(const request_limits& limits);
  request_parser(const request_parser&) = delete;
  request_parser& operator=(const request_parser&) = delete;
  ~request_parser() { drop_body(); }

  /// Takes bytes up to the end of the request at most; how many that were.
  std::size_t feed(std::string_view bytes);

  [[nodiscard]] state progress() const { return state_; }
  [[nodiscard]] const request& current() const { return request_; }
  [[nodiscard]] status failure() const { return failure_; }
  /// Whether the client waits for a word before it sends the body. Once for each request.
  [[nodiscard]] bool take_expectation();

  /// Begins the next request.
  void next();

 private:
  enum class field : std::uint8_t { other, host, expect, transfer_encoding };

  struct callbacks;  // what http_parser calls

  int fail(status code);
  std::size_t execute(std::string_view bytes);
  void decode_chunks(std::string_view bytes, std::size_t& taken);
  int append_to_body(std::string_view part);
  void drop_body();
  int name_part(std::string_view part);
  int value_part(std::string_view part);
  void end_of_value();
  int end_of_head();
  [[nodiscard]] status reason_of(http_errno error) const;

  request_limits limits_;
  http_parser parser_{};
  request request_;
  std::string name_;   // of the header field that is being read, in lower case
  std::string value_;  // of a field that matters
  field field_ = field::other;
  bool in_value_ = false;
  std::size_t head_size_ = 0;
  std::size_t hosts_ = 0;
  std::size_t codings_ = 0;      // Transfer-Encoding fields
  bool at_end_of_head_ = false;  // http_parser stopped in front of its last byte
  bool in_chunks_ = false;       // which are not http_parser's business
  chunk_decoder chunks_;
  std::size_t body_room_ = 0;  // taken from limits_.bodies
  bool expects_continue_ = false;
  state state_ = state::between;
  status failure_ = status::bad_request;
};

}  // namespace http

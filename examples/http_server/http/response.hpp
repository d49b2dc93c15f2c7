// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/http_server/http/request.hpp>
#include <examples/http_server/http/status.hpp>

#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

namespace http {

/// Writes answers, one behind the other, into a buffer that its user empties. Not thread-safe.
class response_writer {
 public:
  /// What was written and not yet taken.
  std::string out;

  /// An answer with a body. The answer to HEAD leaves it out. `more`: further header fields, each
  /// with its line end.
  void answer(const request& to, status code, std::string_view type, std::string_view body,
              bool keep_alive, std::string_view more = {});

  /// The head of an answer whose body of that length follows by other means.
  void begin_body(const request& to, std::string_view type, std::size_t length, bool keep_alive);

  /// An answer to what was not understood; the connection is closed after it.
  void refuse(status code);

  /// The head of an answer of unknown length. Chunks follow, and end_chunks(). A client of HTTP/1.0
  /// knows no chunks: its answer ends with the connection, which is not to be kept.
  void begin_chunks(const request& to, std::string_view type, bool keep_alive);
  void chunk(std::string_view data);
  void end_chunks();

  /// Says that the body is welcome.
  void go_on();

 private:
  void end_head(std::size_t length);
  void head(status code, std::string_view type, bool keep_alive, unsigned minor_version);
  std::string_view date();

  std::string date_;
  std::time_t date_at_ = -1;
  bool chunked_ = false;
};

}  // namespace http

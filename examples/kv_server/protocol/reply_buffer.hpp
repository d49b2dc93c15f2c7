// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/protocol/client_memory.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace kv {

/// More answers would wait for one client than it may have waiting.
class output_limit_exceeded : public std::length_error {
 public:
  output_limit_exceeded() : std::length_error("output buffer limit exceeded") {}
};

/// Answers on their way to a client, in RESP2. Whatever would make it larger than its limit throws
/// output_limit_exceeded; what would make all clients' buffers larger than theirs,
/// client_memory_exceeded.
class reply_buffer {
 public:
  /// Counted as a part of what `client` holds, unless that is null.
  explicit reply_buffer(std::size_t limit = std::numeric_limits<std::size_t>::max() / 2,
                        client_memory* client = nullptr)
      : counted_(client), limit_(limit) {}

  void ok() { raw("+OK\r\n"); }
  void null() { raw("$-1\r\n"); }
  void null_array() { raw("*-1\r\n"); }
  void simple(std::string_view text) { line('+', text); }
  /// `text` begins with its code, as in "ERR syntax error". Line ends behind it are dropped, others
  /// become spaces.
  void error(std::string_view text);
  void integer(std::int64_t number) { number_line(':', number); }
  void array(std::size_t elements) { number_line('*', static_cast<std::int64_t>(elements)); }
  void bulk(std::string_view text);
  void bulk_integer(std::int64_t number);
  /// Text that is RESP already.
  void raw(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }

  [[nodiscard]] std::string_view view() const { return {memory_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// Drops the first `bytes`, which were sent.
  void consume(std::size_t bytes);
  /// Drops everything; memory of an unusually large answer is given back.
  void clear();

 private:
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return memory_.get() + size_;
  }
  void grow(std::size_t bytes);
  void line(char type, std::string_view text);
  void number_line(char type, std::int64_t number);

  counted_bytes counted_;
  std::unique_ptr<char[]> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t limit_;
};

}  // namespace kv

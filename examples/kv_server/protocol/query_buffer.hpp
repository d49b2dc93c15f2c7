// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/protocol/client_memory.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace kv {

/// Bytes that a client sent and that are not consumed yet, in one piece.
class query_buffer {
 public:
  /// What is read at a time, and what a quiet connection keeps.
  static constexpr std::size_t chunk = 16 * 1024;

  /// Counted as a part of what `client` holds, unless that is null.
  explicit query_buffer(client_memory* client = nullptr) : counted_(client) {}

  [[nodiscard]] char* data() { return memory_.get() + begin_; }
  [[nodiscard]] const char* data() const { return memory_.get() + begin_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// Free room behind the data, for the next read; what is read there is then committed. A buffer
  /// that is full doubles: memory grows with what was sent, not with what was announced. Moves the
  /// data. Throws client_memory_exceeded when there is to be no more memory for clients.
  [[nodiscard]] std::span<char> room();
  void commit(std::size_t bytes) { end_ += bytes; }

  /// Drops `bytes` from the front. When nothing is left, a buffer that had grown large shrinks.
  void consume(std::size_t bytes);

 private:
  void reallocate(std::size_t capacity);

  counted_bytes counted_;
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace kv

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/framing.hpp>
#include <troupe/io/stream.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe::io {

/// Reads a stream through a buffer: what one system call brings serves many small reads. It is the
/// stream's reader, and keeps what it has read ahead; writing goes on past it. The stream must stay
/// where it is for as long.
///
/// What is answered as std::string_view lies in the buffer, and is valid until the next call.
/// **Suspends**, **From**, **Errors**: as the stream's own reading calls, whose timeout is for each
/// call as a whole. After errc::timeout nothing that came is lost.
class buffered_reader {
 public:
  /// Bytes that a peer can make it keep, by a line without an end.
  static constexpr std::size_t default_limit = std::size_t{64} * 1024;

  /// `limit` bounds the buffer: what one call asks for as a whole (a line with its end, a peek())
  /// must fit. **Errors** std::invalid_argument for 0.
  explicit buffered_reader(stream& from, std::size_t limit = default_limit);

  /// What is there, in the buffer or else in the stream: 0 at the end of the stream. **Suspends**
  /// until there is something.
  std::size_t read(std::span<std::byte> target);
  std::size_t read(std::span<std::byte> target, std::error_code& error);

  /// Fills `target`, of whatever size. **Suspends** until it is full. **Errors**
  /// errc::end_of_stream when the stream ends first; the overload answers how many bytes came.
  void read_exactly(std::span<std::byte> target);
  std::size_t read_exactly(std::span<std::byte> target, std::error_code& error);

  /// All up to the first `delimiter`, which must not be empty, and is passed over. **Suspends**
  /// until it is there. **Errors** errc::too_long when it does not come within the limit,
  /// errc::end_of_stream when the stream ends first, also when it ends before the first byte: see
  /// at_end(). What came stays.
  std::string_view read_until(std::string_view delimiter);
  std::string_view read_until(std::string_view delimiter, std::error_code& error);

  /// A line without its end, "\n" or "\r\n". **Errors** as read_until(): a last line without an end
  /// is an error, too, and can be taken by buffered() and consume().
  std::string_view read_line();
  std::string_view read_line(std::error_code& error);

  /// The body of the next frame. **Suspends** until it is complete. **Errors** the framer's;
  /// errc::too_long for one that does not fit; errc::end_of_stream as read_until().
  std::string_view read_frame(framer& by);
  std::string_view read_frame(framer& by, std::error_code& error);

  /// The next `bytes` bytes, which stay; fewer at the end of the stream. **Suspends** until they
  /// are there. **Errors** errc::too_long for more than the limit.
  std::string_view peek(std::size_t bytes);
  std::string_view peek(std::size_t bytes, std::error_code& error);
  /// Whether there is nothing any more. **Suspends** until a byte or the end of the stream comes.
  bool at_end() { return peek(1).empty(); }

  /// What has been read ahead, which stays. Suspends never.
  std::string_view buffered() const noexcept {
    return std::string_view(buffer_).substr(begin_, end_ - begin_);
  }
  /// Drops that much of buffered(). **Errors** std::logic_error for more than there is.
  void consume(std::size_t bytes);

 private:
  struct call;
  std::size_t fill(call& in);
  std::size_t take(std::span<std::byte> target) noexcept;

  stream* stream_;
  std::size_t limit_;
  std::string buffer_;  // grows up to the limit
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace troupe::io

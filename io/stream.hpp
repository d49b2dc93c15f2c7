// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/time_span.hpp>
#include <troupe/io/channel.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe::io {

/// A connection that carries bytes, whose calls wait like blocking ones, without holding up the
/// worker: the behavior waits, the worker goes on with others. tcp_stream, local_stream,
/// pipe_reader and pipe_writer are its kinds.
///
/// **Suspends**: what reads or writes tries the system call first, and suspends only when it would
/// block. **From**: what may suspend is called from a behavior or a job, else it throws
/// std::logic_error; the rest from anywhere. What may suspend throws actor_exit when the actor is
/// asked to end, and may continue on another thread. **Errors**: what reads or writes, and
/// shutdown(), has an overload that reports the system's errors through a std::error_code; the
/// other one throws them as std::system_error, as the setters of limits do. Who may use it when:
/// see channel.
class stream : public channel {
 public:
  // --- reading

  /// Reads what is there, at most the buffer's size; the number of bytes, 0 at the end of the
  /// stream (and for an empty buffer). **Suspends** until there is something. **Errors**
  /// errc::timeout.
  std::size_t read(std::span<std::byte> buffer);
  std::size_t read(std::span<std::byte> buffer, std::error_code& error);

  /// Fills the buffer. **Suspends** until it is full. **Errors** errc::timeout, errc::end_of_stream
  /// when the stream ends first; the overload answers how many bytes came.
  void read_exactly(std::span<std::byte> buffer);
  std::size_t read_exactly(std::span<std::byte> buffer, std::error_code& error);

  /// Appends to `buffer` until it contains `delimiter`, which it may do already; the length up to
  /// and including the first one. What was read behind it stays in `buffer`: erase what you have
  /// used before the next call. `max` bounds that length. **Suspends** until it is there.
  /// **Errors** errc::timeout, errc::too_long when the first `max` bytes do not contain it,
  /// errc::end_of_stream when the stream ends first; the overload answers 0 then, and the buffer
  /// keeps what came.
  std::size_t read_until(std::string& buffer, std::string_view delimiter, std::size_t max);
  std::size_t read_until(std::string& buffer, std::string_view delimiter, std::size_t max,
                         std::error_code& error);

  /// As read(), but never waits: std::errc::operation_would_block when nothing is there. From
  /// anywhere.
  std::size_t try_read(std::span<std::byte> buffer, std::error_code& error);

  // --- writing

  /// Writes all of it. **Suspends** while the peer, or the network, does not take it. **Errors**
  /// errc::timeout, and the system's, such as EPIPE (never as a signal): how much of the data the
  /// peer got is not known then.
  void write_all(std::span<const std::byte> data);
  void write_all(std::span<const std::byte> data, std::error_code& error);
  void write_all(std::string_view text) { write_all(std::as_bytes(std::span(text))); }
  void write_all(std::string_view text, std::error_code& error) {
    write_all(std::as_bytes(std::span(text)), error);
  }
  /// As above, all of each buffer in turn, without copying them together: a header and its body
  /// leave in one system call.
  void write_all(std::span<const std::span<const std::byte>> buffers);
  void write_all(std::span<const std::span<const std::byte>> buffers, std::error_code& error);

  /// Ends the sending direction: the peer reads the end of the stream behind all that was written.
  /// **Suspends** never.
  void shutdown();
  void shutdown(std::error_code& error);

  // --- limits

  /// From now on, a read call as a whole fails with errc::timeout when it takes longer than that;
  /// nothing that came is lost. Zero or less: as soon as it has to wait, so that it takes what is
  /// there; what has come a moment ago may be left for the next call. std::nullopt, the initial
  /// state, and nanoseconds::max(): no limit. Called by the reader.
  void read_timeout(std::optional<time_span> limit);
  /// The same for a write_all() as a whole; with zero or less, what the system takes at once has
  /// been written when it fails. Called by the writer.
  void write_timeout(std::optional<time_span> limit);
  /// From now on, a call that has waited for that long, in which no byte has moved in either
  /// direction, fails with errc::timeout. So a connection may last while its peer shows life, and
  /// who only reads is not cut off while somebody else writes. Zero or less: each wait fails, as
  /// above. std::nullopt, the initial state, and nanoseconds::max(): no limit. Called by the reader
  /// or the writer; waits that have begun keep the limit they began with.
  void idle_timeout(std::optional<time_span> limit);

 protected:
  stream() noexcept = default;
  stream(stream&&) noexcept = default;
  stream& operator=(stream&&) noexcept = default;
  explicit stream(detail::socket_ptr socket) noexcept;
  ~stream() = default;

 private:
  friend class buffered_reader;  // one time limit for several reads
};

}  // namespace troupe::io

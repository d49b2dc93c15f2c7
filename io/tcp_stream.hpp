// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/socket_ptr.hpp>
#include <troupe/io/endpoint.hpp>
#include <troupe/io/socket_ready.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace troupe::detail {
class task;
}

namespace troupe::io {

/// A TCP connection whose calls wait like blocking ones, without holding up the worker: the
/// behavior waits, the worker goes on with others.
///
/// **Suspends**: what reads, writes or connects tries the system call first, and suspends only when
/// it would block. **From**: what may suspend is called from a behavior or a job, else it throws
/// std::logic_error; the rest from anywhere. What may suspend throws actor_exit when the actor is
/// asked to end, and may continue on another thread. **Errors**: each call has an overload that
/// reports the system's errors through a std::error_code; the other one throws them as
/// std::system_error. A call on a stream without a connection fails with
/// std::errc::bad_file_descriptor.
///
/// A stream may be moved to another actor (an argument of spawn, a message). Two actors may use one
/// stream at the same time only as its one reader and its one writer: a second one that would have
/// to wait in the same direction, and a close() beside a waiting call, get std::logic_error. To
/// destroy a stream closes the connection, from any thread, at once.
///
/// New connections have TCP_NODELAY set: what write_all() is given leaves at once.
class tcp_stream {
 public:
  /// No limit, for connect().
  static constexpr std::chrono::nanoseconds no_timeout = std::chrono::nanoseconds::max();

  /// A stream without a connection.
  tcp_stream() noexcept = default;
  /// What is moved from has no connection.
  tcp_stream(tcp_stream&&) noexcept = default;
  tcp_stream& operator=(tcp_stream&&) noexcept = default;
  ~tcp_stream() = default;

  /// Connects to `host`, an address or a name, which is resolved in the background. All its
  /// addresses are tried in turn; the error is that of the last one. `timeout` is for all of it:
  /// errc::timeout.
  /// **Suspends** until connected. The exception's text names host and port.
  static tcp_stream connect(const std::string& host, std::uint16_t port,
                            std::chrono::nanoseconds timeout = no_timeout);
  static tcp_stream connect(const std::string& host, std::uint16_t port,
                            std::chrono::nanoseconds timeout, std::error_code& error);

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

  /// Ends the sending direction: the peer reads the end of the stream behind all that was written.
  /// **Suspends** never.
  void shutdown();
  void shutdown(std::error_code& error);

  /// Closes the connection; the stream then has none. Does nothing when it has none. **Suspends**
  /// never.
  /// **Errors** std::logic_error when another actor waits in this stream.
  void close();

  // --- limits

  /// From now on, a read call as a whole fails with errc::timeout when it takes longer than that;
  /// nothing that came is lost. std::nullopt, the initial state: no limit. Called by the reader.
  void read_timeout(std::optional<std::chrono::nanoseconds> limit);
  /// The same for a write_all() as a whole. Called by the writer.
  void write_timeout(std::optional<std::chrono::nanoseconds> limit);

  // --- beside messages

  /// Asks for one message io::socket_ready{native_handle()} to the calling actor when the stream
  /// can be read: bytes have come, or it has ended or failed; at once when that is so already. At
  /// most one request stands per stream: another one by the same actor counts as the same, one by
  /// another actor replaces it. close() takes it back. Then receive(...) waits for the socket and
  /// for other messages together, and try_read() reads. The message may, rarely, come for nothing:
  /// ask again then.
  /// **Suspends** never. **From** the actor's behavior. **Errors** std::system_error.
  template <class Context>
  void notify_readable(const Context& self) {
    request_notice(self.block());
  }

  /// As read(), but never waits: std::errc::operation_would_block when nothing is there. From
  /// anywhere.
  std::size_t try_read(std::span<std::byte> buffer, std::error_code& error);

  // --- the connection

  /// Whether there is a connection, also when the peer has gone.
  bool is_open() const noexcept { return socket_ != nullptr; }
  /// is_open().
  explicit operator bool() const noexcept { return is_open(); }
  /// The address and port at this end. **Errors** std::system_error.
  endpoint local_endpoint() const;
  /// Those of the peer. **Errors** std::system_error, also when the peer has reset the connection.
  endpoint remote_endpoint() const;
  /// Whether small writes leave at once (the initial state), or wait a little for company.
  void no_delay(bool on);
  /// The descriptor, which stays the stream's; -1 without a connection.
  int native_handle() const noexcept;

  /// For the runtime.
  explicit tcp_stream(detail::socket_ptr socket) noexcept : socket_(std::move(socket)) {}

 private:
  void request_notice(troupe::detail::task& receiver);

  detail::socket_ptr socket_;
};

}  // namespace troupe::io

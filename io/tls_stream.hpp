// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/time_span.hpp>
#include <troupe/io/endpoint.hpp>
#include <troupe/io/tcp_stream.hpp>
#include <troupe/io/tls_context.hpp>
#include <troupe/io/tls_error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe::io {

namespace detail {
class tls_connection;
}

/// A TLS connection over TCP, used like a tcp_stream: TLS 1.2 and 1.3, by OpenSSL. Encryption runs
/// in the behavior that calls, and is preempted like the rest of it.
///
/// **Suspends**, **From** and **Errors** are those of tcp_stream. In addition, errors may be of
/// OpenSSL's, or say why a certificate was refused: compare them with a tls_errc. The end of the
/// stream is the peer's close_notify; a connection that ends without it is tls_errc::truncated,
/// since anybody on the way could have cut it.
///
/// May be moved to another actor, and used by two at a time, as its one reader and its one writer.
/// A write that fails, times out or is given up because its actor ends leaves the stream useless
/// for further ones (std::errc::broken_pipe). So does one that falls between two records of one
/// message of the TLS protocol itself, which peers rarely split (std::errc::protocol_error).
/// Sessions are not resumed, and not renegotiated.
class tls_stream {
 public:
  /// A stream without a connection.
  tls_stream() noexcept;
  tls_stream(tls_stream&&) noexcept;
  tls_stream& operator=(tls_stream&&) noexcept;
  /// Closes the connection at once; the peer then reads tls_errc::truncated unless shutdown() came
  /// before.
  ~tls_stream();

  /// tcp_stream::connect and client() in one; `timeout` is for both, as there, and the context's
  /// handshake_timeout for the handshake. **Errors** as client(); the text names host and port.
  static tls_stream connect(const tls_context& context, const std::string& host, std::uint16_t port,
                            time_span timeout = tcp_stream::no_timeout);
  static tls_stream connect(const tls_context& context, const std::string& host, std::uint16_t port,
                            time_span timeout, std::error_code& error);

  /// Makes `peer` a TLS connection with the server named `host`, an address or a name: it is told
  /// that name (SNI), and must have a certificate for it, unless verify_server is off: one of its
  /// alternative names, not its subject. **Suspends**
  /// until that is done, or the context's handshake_timeout passes (errc::timeout). **Errors**
  /// std::invalid_argument for a server's context, for an empty host, for one with a zero byte and
  /// for one that begins with a dot, from the overload as well.
  static tls_stream client(const tls_context& context, tcp_stream peer, const std::string& host);
  static tls_stream client(const tls_context& context, tcp_stream peer, const std::string& host,
                           std::error_code& error);

  /// The server's side of that. Where clients need a certificate, one who has none or a wrong one
  /// is refused here; with TLS 1.3 it hears of that in its first read. **Errors**
  /// std::invalid_argument for a client's context; the text names the client's address.
  static tls_stream server(const tls_context& context, tcp_stream peer);
  static tls_stream server(const tls_context& context, tcp_stream peer, std::error_code& error);

  // --- reading, as in tcp_stream

  std::size_t read(std::span<std::byte> buffer);
  std::size_t read(std::span<std::byte> buffer, std::error_code& error);
  void read_exactly(std::span<std::byte> buffer);
  std::size_t read_exactly(std::span<std::byte> buffer, std::error_code& error);
  std::size_t read_until(std::string& buffer, std::string_view delimiter, std::size_t max);
  std::size_t read_until(std::string& buffer, std::string_view delimiter, std::size_t max,
                         std::error_code& error);

  /// As stream::try_read(), from anywhere.
  std::size_t try_read(std::span<std::byte> buffer, std::error_code& error);
  /// As channel::notify_readable(), called by the reader: at once also when a read has left
  /// something that was received. The message comes as well for bytes of the protocol's own and for
  /// a part of a record, for more of which read() would wait.
  template <class Context>
  void notify_readable(const Context& self) {
    request_notice(self.block());
  }

  // --- writing, as in tcp_stream

  void write_all(std::span<const std::byte> data);
  void write_all(std::span<const std::byte> data, std::error_code& error);
  void write_all(std::string_view text) { write_all(std::as_bytes(std::span(text))); }
  void write_all(std::string_view text, std::error_code& error) {
    write_all(std::as_bytes(std::span(text)), error);
  }

  /// Ends the sending direction: the peer reads the end of the stream behind all that was written.
  /// Called by the writer. **Suspends** while the network does not take it: write_timeout().
  void shutdown();
  void shutdown(std::error_code& error);

  /// Closes the connection at once; the stream then has none. **Errors** std::logic_error when
  /// another actor waits in this stream.
  void close();

  // --- limits, as in tcp_stream

  void read_timeout(std::optional<time_span> limit);
  void write_timeout(std::optional<time_span> limit);
  /// Counts all bytes that come, and those that write_all() and shutdown() send; of the protocol's
  /// own, too.
  void idle_timeout(std::optional<time_span> limit);

  // --- the connection

  bool is_open() const noexcept { return connection_ != nullptr; }
  /// As channel::id(): the connection's.
  socket_id id() const noexcept;
  explicit operator bool() const noexcept { return is_open(); }
  endpoint local_endpoint() const;
  endpoint remote_endpoint() const;

  /// The application protocol that both sides have agreed on (ALPN), or empty.
  std::string protocol() const;
  /// "TLSv1.2" or "TLSv1.3".
  std::string version() const;
  /// The subject of the peer's certificate (RFC 2253: "CN=..."), or empty. It has been verified if
  /// the context says so.
  std::string peer_name() const;
  /// The name that the client asked for (SNI), or empty.
  std::string server_name() const;

 private:
  explicit tls_stream(std::unique_ptr<detail::tls_connection> connection) noexcept;
  static tls_stream open(const tls_context& context, tcp_stream peer, const std::string& host,
                         std::uint64_t deadline_ns, std::error_code& error);
  detail::tls_connection& connection(const char* call) const;
  void request_notice(troupe::detail::task& receiver);

  std::unique_ptr<detail::tls_connection> connection_;
};

}  // namespace troupe::io

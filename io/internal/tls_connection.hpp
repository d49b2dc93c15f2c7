// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// A TLS session and the TCP connection under it: moves the bytes between the two, and waits for
// them.

#include <troupe/io/internal/tls_session.hpp>
#include <troupe/io/tcp_stream.hpp>
#include <troupe/scheduler/detail/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>

namespace troupe::io::detail {

class tls_connection {
 public:
  tls_connection(const tls_context& context, tcp_stream peer, const std::string& host);

  void handshake(std::uint64_t deadline_ns, std::error_code& error);
  /// What is there, waiting for the first byte; 0 at the end.
  std::size_t read(std::span<std::byte> buffer, std::uint64_t deadline_ns, std::error_code& error);
  /// What is there: std::errc::operation_would_block when nothing is.
  std::size_t try_read(std::span<std::byte> buffer, std::error_code& error);
  /// See tls_stream; to the running task.
  void notify_readable(troupe::detail::task& receiver);
  void write_all(std::span<const std::byte> data, std::uint64_t deadline_ns,
                 std::error_code& error);
  void shutdown(std::uint64_t deadline_ns, std::error_code& error);

  tcp_stream& peer() noexcept { return peer_; }
  tls_session& session() noexcept { return session_; }

  // The reader's, and the writer's.
  std::chrono::nanoseconds read_limit = std::chrono::nanoseconds::max();
  std::chrono::nanoseconds write_limit = std::chrono::nanoseconds::max();

 private:
  class receipts;
  bool receive(receipts& of, std::error_code& error);
  template <class Receive>
  std::size_t read_by(Receive receive, std::span<std::byte> buffer, std::error_code& error);
  bool has_more();
  bool may_send(std::error_code& error);
  void send_output(std::uint64_t deadline_ns, std::error_code& error);

  tcp_stream peer_;
  tls_session session_;
  std::error_code read_error_;  // the reader's: what is broken stays so
  bool is_ended_ = false;       // the reader's: the peer has ended its stream
};

}  // namespace troupe::io::detail

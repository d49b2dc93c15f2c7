// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// One TLS connection without its socket: bytes that came are fed to it, and those that it wants
// sent are taken from it. Nothing here waits for the peer.
//
// A reader and a writer may use it at a time. OpenSSL's object may not, so each call is one
// critical section; its errors are thread-local, so each call fetches its own.

#include <troupe/io/tls_context.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <system_error>
#include <vector>

using SSL = struct ssl_st;  // OpenSSL's

namespace troupe::io::detail {

enum class tls_step {
  done,
  starved,  ///< feed() it first
  ended,    ///< the peer has ended the TLS stream
  failed,
};

class tls_session {
 public:
  /// A client's is for a server named `host`. Throws std::system_error.
  tls_session(const tls_context& context, const std::string& host);
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  tls_step handshake(std::error_code& error);
  /// Reads what is there; `got` bytes.
  tls_step read(std::span<std::byte> buffer, std::size_t& got, std::error_code& error);
  /// Whether read() would answer anything but `starved`; what came is taken in for that, and an
  /// error is not told a second time.
  tls_step peek(std::error_code& error);
  /// At most most_written bytes at a time. After that, send what take_output() answers.
  void write(std::span<const std::byte> data, std::error_code& error);
  /// Ends the TLS stream in our direction. Does nothing the second time.
  void end_output(std::error_code& error);

  void feed(std::span<const std::byte> came);
  /// The writer's: what is to be sent. Nobody else sends until it says output_sent().
  std::vector<std::byte> take_output();
  void output_sent();
  /// Some output was taken and not sent, or could not even be encrypted: nothing that comes after
  /// it would be understood.
  bool is_cut();
  /// The reader's: sends the answers that the peer has asked for, unless the writer sends just now,
  /// or the network does not take them; then they wait for the next call, or the writer's next
  /// output.
  /// False: they have become too many.
  bool send_answers(int descriptor);

  std::string protocol();
  std::string version();
  std::string peer_name();
  std::string server_name();

  static constexpr std::size_t most_written = std::size_t{16} * 1024;  // a TLS record

 private:
  tls_step outcome_of(int result, std::error_code& error);
  bool has_ended() const noexcept;

  struct free_session {
    void operator()(SSL* s) const noexcept;
  };
  std::mutex calls_;  // guards all below
  tls_context context_;
  std::unique_ptr<SSL, free_session> session_;
  bool is_output_taken_ = false;
  bool is_data_lost_ = false;
};

/// The first of OpenSSL's errors on this thread, and forgets the others.
std::error_code last_openssl_error() noexcept;

}  // namespace troupe::io::detail

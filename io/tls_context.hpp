// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/tls_options.hpp>

#include <chrono>
#include <memory>

using SSL_CTX = struct ssl_ctx_st;  // OpenSSL's

namespace troupe::io {

/// What the tls_streams of a client or server have in common: certificates, key, authorities,
/// rules. Never changes, so that it may be used by many actors at a time; copies are cheap, and
/// refer to the same. Streams keep what they need of it alive.
///
/// Made from anywhere; reads files, so rather once at the start of a program, or within blocking().
/// **Errors** std::invalid_argument for an option that is out of range, and for a file name with a
/// zero byte; std::system_error whose
/// text names the file, and why: it cannot be read, holds no certificate or key, or the key does
/// not belong to the certificate.
class tls_context {
 public:
  static tls_context client(const tls_options& options = {});
  /// **Errors** std::invalid_argument also when certificate_file or key_file is missing.
  static tls_context server(const tls_options& options);

  bool is_server() const noexcept { return is_server_; }
  std::chrono::nanoseconds handshake_timeout() const noexcept { return handshake_timeout_; }
  bool verifies() const noexcept { return verifies_; }
  /// OpenSSL's object, which stays the context's; not to be changed. An asio::ssl::context can
  /// share it after SSL_CTX_up_ref().
  SSL_CTX* native_handle() const noexcept { return context_.get(); }

 private:
  tls_context(const tls_options& options, bool is_server);

  std::shared_ptr<SSL_CTX> context_;
  std::chrono::nanoseconds handshake_timeout_;
  bool is_server_;
  bool verifies_;
};

}  // namespace troupe::io

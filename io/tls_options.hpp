// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace troupe::io {

enum class tls_version { tls_1_2, tls_1_3 };

/// Files of a certificate, followed by those of its issuers, and of its private key, not encrypted.
struct tls_identity {
  std::string certificate_file{};
  std::string key_file{};
};

/// How a tls_context is set up. Files are PEM; an empty name stands for none.
struct tls_options {
  /// Our certificate, followed by those of its issuers. A server needs one; a client only where the
  /// server asks for it.
  std::string certificate_file{};
  /// The certificate's private key, not encrypted.
  std::string key_file{};
  /// More of a server's. A client that asks for a host by name (SNI) is shown the first certificate
  /// that is for it, from certificate_file's on; any other client is shown certificate_file's.
  std::vector<tls_identity> more_certificates{};
  /// The authorities that the peer's certificate must come from. For a client, empty stands for
  /// those of the system; for a server, for not asking its clients for certificates.
  std::string authority_file{};
  /// Whether a client looks at the server's certificate at all. false: anybody on the way can read
  /// along. Servers look at clients' where authority_file is set.
  bool verify_server = true;
  /// The oldest version that is spoken.
  tls_version oldest = tls_version::tls_1_2;
  /// Application protocols (ALPN), the preferred one first: each from 1 to 255 bytes. A server that
  /// has some refuses a client that offers others only.
  std::vector<std::string> protocols{};
  /// How long the peer may take for the handshake. Greater than 0.
  std::chrono::nanoseconds handshake_timeout = std::chrono::seconds(10);  // arbitrary
};

}  // namespace troupe::io

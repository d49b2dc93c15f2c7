// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <system_error>

namespace troupe::io {

/// What an error of a tls_stream can be compared with: `error == tls_errc::wrong_host`. Its
/// message() says more.
enum class tls_errc {
  truncated = 1,              ///< the connection ended without the end of the TLS stream
  certificate_expired,        ///< the peer's, or one that it depends on
  certificate_not_yet_valid,  ///< as above
  wrong_host,                 ///< the server's certificate is for another name
  unknown_authority,          ///< the peer's certificate does not come from one that we know
  certificate_refused,        ///< for another reason
  refused_by_peer,            ///< the peer has sent an alert: our certificate, protocols, ...
  protocol,                   ///< what the peer sent is no TLS, or is not allowed
};

std::error_condition make_error_condition(tls_errc) noexcept;

/// The category of tls_errc::truncated.
const std::error_category& tls_category() noexcept;
/// That of OpenSSL's errors, as ERR_get_error() answers them.
const std::error_category& openssl_category() noexcept;
/// That of its reasons for refusing a certificate, X509_V_ERR_...
const std::error_category& certificate_category() noexcept;

}  // namespace troupe::io

template <>
struct std::is_error_condition_enum<troupe::io::tls_errc> : std::true_type {};

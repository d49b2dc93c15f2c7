// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/tls_error.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string>

namespace troupe::io {
namespace {

const char* sentence(tls_errc code) noexcept {
  switch (code) {
    case tls_errc::truncated:
      return "the connection ended without the end of the TLS stream";
    case tls_errc::certificate_expired:
      return "a certificate has expired";
    case tls_errc::certificate_not_yet_valid:
      return "a certificate is not valid yet";
    case tls_errc::wrong_host:
      return "the certificate is for another host";
    case tls_errc::unknown_authority:
      return "the certificate comes from an unknown authority";
    case tls_errc::certificate_refused:
      return "the certificate is refused";
    case tls_errc::refused_by_peer:
      return "the peer has refused the connection";
    case tls_errc::protocol:
      return "the peer breaks the TLS protocol";
  }
  return "unknown TLS error";
}

class tls_category_type final : public std::error_category {
 public:
  const char* name() const noexcept override { return "troupe.tls"; }
  std::string message(int code) const override { return sentence(static_cast<tls_errc>(code)); }
};

class openssl_category_type final : public std::error_category {
 public:
  const char* name() const noexcept override { return "openssl"; }
  std::string message(int code) const override {
    const auto packed = static_cast<unsigned long>(code);
    const char* const reason = ::ERR_reason_error_string(packed);
    return reason != nullptr ? reason : "OpenSSL error " + std::to_string(code);
  }
  std::error_condition default_error_condition(int code) const noexcept override {
    const auto packed = static_cast<unsigned long>(code);
    if (ERR_GET_LIB(packed) != ERR_LIB_SSL) return {code, *this};
    const bool is_alert = ERR_GET_REASON(packed) > SSL_AD_REASON_OFFSET;
    return is_alert ? tls_errc::refused_by_peer : tls_errc::protocol;
  }
};

class certificate_category_type final : public std::error_category {
 public:
  const char* name() const noexcept override { return "certificate"; }
  std::string message(int code) const override { return ::X509_verify_cert_error_string(code); }
  std::error_condition default_error_condition(int code) const noexcept override {
    switch (code) {
      case X509_V_ERR_CERT_HAS_EXPIRED:
        return tls_errc::certificate_expired;
      case X509_V_ERR_CERT_NOT_YET_VALID:
        return tls_errc::certificate_not_yet_valid;
      case X509_V_ERR_HOSTNAME_MISMATCH:
      case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return tls_errc::wrong_host;
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return tls_errc::unknown_authority;
      default:
        return tls_errc::certificate_refused;
    }
  }
};

}  // namespace

const std::error_category& tls_category() noexcept {
  static const tls_category_type instance;
  return instance;
}
const std::error_category& openssl_category() noexcept {
  static const openssl_category_type instance;
  return instance;
}
const std::error_category& certificate_category() noexcept {
  static const certificate_category_type instance;
  return instance;
}

std::error_condition make_error_condition(tls_errc code) noexcept {
  return {static_cast<int>(code), tls_category()};
}

}  // namespace troupe::io

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/tls_context.hpp>

#include <troupe/base/internal/text.hpp>
#include <troupe/io/internal/tls_session.hpp>
#include <troupe/io/tls_error.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace troupe::io {
namespace {

[[noreturn]] void throw_openssl(const std::string& what) {
  throw std::system_error(detail::last_openssl_error(), what);
}

/// OpenSSL's own error for a missing file does not say which.
void require_readable(const std::string& file, const std::string& what) {
  if (troupe::detail::has_zero_byte(file)) {  // another file would be opened
    throw std::invalid_argument(troupe::detail::shown(what) + " is no path");
  }
  std::FILE* const opened = std::fopen(file.c_str(), "re");
  if (opened == nullptr) throw std::system_error(errno, std::generic_category(), what);
  const bool is_readable = std::fgetc(opened) != EOF || std::ferror(opened) == 0;
  const int error = errno;
  std::fclose(opened);
  if (!is_readable) throw std::system_error(error, std::generic_category(), what);
}

std::string text_for(const std::string& field, const std::string& file) {
  return "troupe: tls_options::" + field + " '" + file + "'";
}

std::string on_the_wire(const std::vector<std::string>& protocols) {
  constexpr std::size_t most = 65535;
  std::string wire;
  for (const std::string& each : protocols) {
    if (each.empty() || each.size() > 255) {
      throw std::invalid_argument("troupe: tls_options::protocols: '" + each + "' has " +
                                  std::to_string(each.size()) + " bytes, not from 1 to 255");
    }
    wire += static_cast<char>(each.size());
    wire += each;
  }
  if (wire.size() > most) {
    throw std::invalid_argument("troupe: tls_options::protocols: " + std::to_string(wire.size()) +
                                " bytes are more than " + std::to_string(most));
  }
  return wire;
}

/// What a context of OpenSSL's owns beside its own, since others may own the context.
struct belongings {
  std::string protocols;                             // as on the wire
  std::vector<std::shared_ptr<SSL_CTX>> identities;  // a certificate each, for the hosts it names
};

/// Their index among what contexts own is the process's.
belongings& give_belongings(SSL_CTX* context) {
  const auto destroy = [](void*, void* owned, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<belongings*>(owned);
  };
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, destroy);
  auto made = std::make_unique<belongings>();
  if (index == -1 || ::SSL_CTX_set_ex_data(context, index, made.get()) != 1) {
    throw_openssl("troupe: tls_context");
  }
  return *made.release();
}

std::shared_ptr<SSL_CTX> make_context(bool is_server) {
  SSL_CTX* const made = ::SSL_CTX_new(is_server ? ::TLS_server_method() : ::TLS_client_method());
  if (made == nullptr) throw_openssl("troupe: tls_context");
  return {made, [](SSL_CTX* c) { ::SSL_CTX_free(c); }};
}

/// `where` stands before the names of the fields.
void load_certificate(SSL_CTX* context, const tls_identity& own, const std::string& where) {
  if (own.certificate_file.empty() != own.key_file.empty()) {
    throw std::invalid_argument("troupe: tls_options: " + where + "certificate_file '" +
                                own.certificate_file + "' and " + where + "key_file '" +
                                own.key_file + "' go together");
  }
  if (own.certificate_file.empty()) return;
  const std::string certificate = text_for(where + "certificate_file", own.certificate_file);
  require_readable(own.certificate_file, certificate);
  if (::SSL_CTX_use_certificate_chain_file(context, own.certificate_file.c_str()) != 1) {
    throw_openssl(certificate);
  }
  const std::string key = text_for(where + "key_file", own.key_file);
  require_readable(own.key_file, key);
  // Without this, OpenSSL would ask at the terminal for the password of an encrypted key.
  ::SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  if (::SSL_CTX_use_PrivateKey_file(context, own.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      ::SSL_CTX_check_private_key(context) != 1) {
    throw_openssl(key + " for certificate_file '" + own.certificate_file + "'");
  }
}

bool is_for(SSL_CTX* identity, const char* host) {
  constexpr unsigned flags =
      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  X509* const certificate = ::SSL_CTX_get0_certificate(identity);
  return ::X509_check_host(certificate, host, 0, flags, nullptr) == 1;
}

/// Takes the certificate for the host that the client asks for, if one of the others is.
int choose_certificate(SSL* session, void* ours) {
  const char* const host = ::SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (host == nullptr || is_for(::SSL_get_SSL_CTX(session), host)) return 1;
  for (const auto& each : static_cast<const belongings*>(ours)->identities) {
    if (!is_for(each.get(), host)) continue;
    STACK_OF(X509)* issuers = nullptr;
    SSL_CTX_get0_chain_certs(each.get(), &issuers);
    ::SSL_certs_clear(session);  // else one with another kind of key could win
    return ::SSL_use_cert_and_key(session, ::SSL_CTX_get0_certificate(each.get()),
                                  ::SSL_CTX_get0_privatekey(each.get()), issuers, 1);
  }
  return 1;
}

void load_more_certificates(SSL_CTX* context, belongings& own, const tls_options& o,
                            bool is_server) {
  if (o.more_certificates.empty()) return;
  if (!is_server) {
    throw std::invalid_argument("troupe: tls_options::more_certificates are for servers");
  }
  for (const tls_identity& each : o.more_certificates) {
    const std::string where = "more_certificates[" + std::to_string(own.identities.size()) + "].";
    if (each.certificate_file.empty() && each.key_file.empty()) {
      throw std::invalid_argument("troupe: tls_options::" + where + "certificate_file is empty");
    }
    own.identities.push_back(make_context(true));
    load_certificate(own.identities.back().get(), each, where);
  }
  ::SSL_CTX_set_cert_cb(context, &choose_certificate, &own);
}

void load_authorities(SSL_CTX* context, const tls_options& o, bool is_server) {
  if (o.authority_file.empty()) {
    if (!is_server && o.verify_server && ::SSL_CTX_set_default_verify_paths(context) != 1) {
      throw_openssl("troupe: the system's certificate authorities");
    }
    return;
  }
  const std::string what = text_for("authority_file", o.authority_file);
  require_readable(o.authority_file, what);
  if (::SSL_CTX_load_verify_file(context, o.authority_file.c_str()) != 1) throw_openssl(what);
  if (is_server) {  // so that clients know which of their certificates to send
    STACK_OF(X509_NAME)* const names = ::SSL_load_client_CA_file(o.authority_file.c_str());
    if (names == nullptr) throw_openssl(what);
    ::SSL_CTX_set_client_CA_list(context, names);
  }
}

void set_rules(SSL_CTX* context, const tls_options& o) {
  if (o.oldest != tls_version::tls_1_2 && o.oldest != tls_version::tls_1_3) {
    throw std::invalid_argument("troupe: tls_options::oldest = " +
                                std::to_string(static_cast<int>(o.oldest)) + " is no tls_version");
  }
  ::SSL_CTX_set_min_proto_version(
      context, o.oldest == tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  // Connections are not resumed: no session outlives its keys, and no ticket is sent to a peer that
  // may have gone.
  ::SSL_CTX_set_options(context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  ::SSL_CTX_set_num_tickets(context, 0);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle connection holds none
}

int select_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* ours) {
  const auto& own = *static_cast<const std::string*>(ours);  // belongings::protocols
  unsigned char* found = nullptr;
  const int result =
      ::SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(own.data()),
                              static_cast<unsigned>(own.size()), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void offer_protocols(SSL_CTX* context, std::string& wire, bool is_server) {
  if (wire.empty()) return;
  if (is_server) {
    ::SSL_CTX_set_alpn_select_cb(context, &select_protocol, &wire);
  } else if (::SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()),
                                       static_cast<unsigned>(wire.size())) != 0) {
    throw_openssl("troupe: tls_options::protocols");
  }
}

}  // namespace

tls_context::tls_context(const tls_options& options, bool is_server)
    : handshake_timeout_(options.handshake_timeout),
      is_server_(is_server),
      verifies_(is_server ? !options.authority_file.empty() : options.verify_server) {
  if (handshake_timeout_.count() <= 0) {
    throw std::invalid_argument(
        "troupe: tls_options::handshake_timeout = " + std::to_string(handshake_timeout_.count()) +
        " ns is not greater than 0");
  }
  if (is_server && (options.certificate_file.empty() || options.key_file.empty())) {
    throw std::invalid_argument(
        "troupe: tls_options: a server needs certificate_file and key_file");
  }
  ::ERR_clear_error();  // what others have left
  context_ = make_context(is_server);
  SSL_CTX* const made = context_.get();
  belongings& own = give_belongings(made);
  own.protocols = on_the_wire(options.protocols);
  set_rules(made, options);
  load_certificate(made, {options.certificate_file, options.key_file}, "");
  load_more_certificates(made, own, options, is_server);
  load_authorities(made, options, is_server);
  constexpr int demanded = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  ::SSL_CTX_set_verify(made, verifies_ ? demanded : SSL_VERIFY_NONE, nullptr);
  offer_protocols(made, own.protocols, is_server);
}

tls_context tls_context::client(const tls_options& options) { return {options, false}; }
tls_context tls_context::server(const tls_options& options) { return {options, true}; }

}  // namespace troupe::io

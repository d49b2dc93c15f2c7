// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/tls_session.hpp>

#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/tls_error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <new>

namespace troupe::io::detail {
namespace {

constexpr std::size_t most_unsent = std::size_t{64} * 1024;  // arbitrary: 2000 key updates

/// Demands a certificate for `host`, and tells the server which one is wanted.
bool expect_host(SSL* session, const std::string& host, bool verifies) {
  std::error_code not_numeric;
  parse_address(host, not_numeric);
  if (!not_numeric) {
    return !verifies ||
           ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session), host.c_str()) == 1;
  }
  if (SSL_set_tlsext_host_name(session, host.c_str()) != 1) return false;
  if (!verifies) return true;
  ::SSL_set_hostflags(session,
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return ::SSL_set1_host(session, host.c_str()) == 1;
}

}  // namespace

[[gnu::noinline]] std::error_code last_openssl_error() noexcept {
  const unsigned long first = ::ERR_get_error();
  ::ERR_clear_error();
  if (ERR_SYSTEM_ERROR(first)) return {ERR_GET_REASON(first), std::generic_category()};
  if (first == 0) return std::make_error_code(std::errc::io_error);
  return {static_cast<int>(first), openssl_category()};
}

void tls_session::free_session::operator()(SSL* s) const noexcept { ::SSL_free(s); }

tls_session::tls_session(const tls_context& context, const std::string& host) : context_(context) {
  ::ERR_clear_error();
  session_.reset(::SSL_new(context.native_handle()));
  SSL* const s = session_.get();
  BIO* const in = s != nullptr ? ::BIO_new(::BIO_s_mem()) : nullptr;
  BIO* const out = s != nullptr ? ::BIO_new(::BIO_s_mem()) : nullptr;
  if (in == nullptr || out == nullptr) {
    ::BIO_free(in);
    ::BIO_free(out);
    throw std::bad_alloc();
  }
  ::SSL_set_bio(s, in, out);  // the session's now
  if (context.is_server()) {
    ::SSL_set_accept_state(s);
    return;
  }
  ::SSL_set_connect_state(s);
  if (!expect_host(s, host, context.verifies())) {
    throw std::system_error(last_openssl_error(), "troupe: TLS with host '" + host + "'");
  }
}

tls_step tls_session::outcome_of(int result, std::error_code& error) {
  SSL* const s = session_.get();
  switch (::SSL_get_error(s, result)) {
    case SSL_ERROR_NONE:
      return tls_step::done;
    case SSL_ERROR_ZERO_RETURN:
      return tls_step::ended;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:  // never: a memory BIO takes everything
      return tls_step::starved;
    default:
      error = last_openssl_error();
      if (error.category() == openssl_category() &&
          ERR_GET_REASON(static_cast<unsigned long>(error.value())) ==
              SSL_R_CERTIFICATE_VERIFY_FAILED) {
        error = {static_cast<int>(::SSL_get_verify_result(s)), certificate_category()};
      }
      return tls_step::failed;
  }
}

[[gnu::noinline]] tls_step tls_session::handshake(std::error_code& error) {
  const std::scoped_lock hold(calls_);
  ::ERR_clear_error();
  return outcome_of(::SSL_do_handshake(session_.get()), error);
}

[[gnu::noinline]] tls_step tls_session::read(std::span<std::byte> buffer, std::size_t& got,
                                             std::error_code& error) {
  const std::scoped_lock hold(calls_);
  ::ERR_clear_error();
  return outcome_of(::SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &got) == 1 ? 1 : 0,
                    error);
}

[[gnu::noinline]] tls_step tls_session::peek(std::error_code& error) {
  const std::scoped_lock hold(calls_);
  ::ERR_clear_error();
  std::byte first{};
  std::size_t got = 0;
  return outcome_of(::SSL_peek_ex(session_.get(), &first, 1, &got) == 1 ? 1 : 0, error);
}

[[gnu::noinline]] void tls_session::write(std::span<const std::byte> data, std::error_code& error) {
  const std::scoped_lock hold(calls_);
  ::ERR_clear_error();
  if (has_ended()) {
    error = std::make_error_code(std::errc::broken_pipe);
    return;
  }
  std::size_t written = 0;
  const int result = ::SSL_write_ex(session_.get(), data.data(), data.size(), &written);
  if (outcome_of(result, error) == tls_step::done) return;
  // starved: the peer has begun a message about keys or the like, and not sent its next record.
  // There may be no reader to wait for.
  is_data_lost_ = true;
  if (!error) error = std::make_error_code(std::errc::protocol_error);
}

[[gnu::noinline]] void tls_session::end_output(std::error_code& error) {
  const std::scoped_lock hold(calls_);
  ::ERR_clear_error();
  if (has_ended()) return;  // a second SSL_shutdown() would read, and refuse what comes still
  if (::SSL_shutdown(session_.get()) < 0) error = last_openssl_error();
  ::ERR_clear_error();
}

bool tls_session::has_ended() const noexcept {
  return (::SSL_get_shutdown(session_.get()) & SSL_SENT_SHUTDOWN) != 0;
}

void tls_session::feed(std::span<const std::byte> came) {
  const std::scoped_lock hold(calls_);
  const int taken =
      ::BIO_write(::SSL_get_rbio(session_.get()), came.data(), static_cast<int>(came.size()));
  if (taken != static_cast<int>(came.size())) throw std::bad_alloc();
}

std::vector<std::byte> tls_session::take_output() {
  const std::scoped_lock hold(calls_);
  BIO* const out = ::SSL_get_wbio(session_.get());
  std::vector<std::byte> taken(::BIO_ctrl_pending(out));
  if (!taken.empty()) {
    ::BIO_read(out, taken.data(), static_cast<int>(taken.size()));
    is_output_taken_ = true;
  }
  return taken;
}

void tls_session::output_sent() {
  const std::scoped_lock hold(calls_);
  is_output_taken_ = false;
}

bool tls_session::is_cut() {
  const std::scoped_lock hold(calls_);
  return is_output_taken_ || is_data_lost_;
}

bool tls_session::send_answers(int descriptor) {
  const std::scoped_lock hold(calls_);
  BIO* const out = ::SSL_get_wbio(session_.get());
  char* begin = nullptr;
  const long owed = BIO_get_mem_data(out, &begin);
  if (owed <= 0) return true;
  if (!is_output_taken_) {
    const auto answers =
        std::as_bytes(std::span(begin, std::min(static_cast<std::size_t>(owed), most_unsent)));
    const outcome sent = send(descriptor, answers);  // never waits
    std::vector<std::byte> done(sent.number);
    ::BIO_read(out, done.data(), static_cast<int>(done.size()));
  }
  return ::BIO_ctrl_pending(out) <= most_unsent;
}

std::string tls_session::protocol() {
  const std::scoped_lock hold(calls_);
  const unsigned char* name = nullptr;
  unsigned size = 0;
  ::SSL_get0_alpn_selected(session_.get(), &name, &size);
  return name == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(name), size);
}

std::string tls_session::version() {
  const std::scoped_lock hold(calls_);
  return ::SSL_get_version(session_.get());
}

std::string tls_session::server_name() {
  const std::scoped_lock hold(calls_);
  const char* const name = ::SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

std::string tls_session::peer_name() {
  const std::scoped_lock hold(calls_);
  X509* const certificate = ::SSL_get0_peer_certificate(session_.get());
  if (certificate == nullptr) return {};
  BIO* const text = ::BIO_new(::BIO_s_mem());
  if (text == nullptr) throw std::bad_alloc();
  ::X509_NAME_print_ex(text, ::X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  std::string name(::BIO_ctrl_pending(text), '\0');
  ::BIO_read(text, name.data(), static_cast<int>(name.size()));
  ::BIO_free(text);
  return name;
}

}  // namespace troupe::io::detail

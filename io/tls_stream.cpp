// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/tls_stream.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/internal/text.hpp>
#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/read_loops.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/tls_connection.hpp>
#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <algorithm>
#include <stdexcept>

namespace troupe::io {
namespace {

using detail::tls_connection;
using troupe::detail::deadline_from_now;

using connection_ptr = std::unique_ptr<tls_connection>;

/// The begin of a call that may wait: nullptr, with an error, without a connection.
tls_connection* begin(const connection_ptr& c, std::error_code& error) {
  static_cast<void>(troupe::detail::waiting_task());  // throws on a plain thread
  error.clear();
  if (c == nullptr) error = std::make_error_code(std::errc::bad_file_descriptor);
  return c.get();
}

/// Reads within one limit, which begins now, for several calls.
auto reader(tls_connection& from) noexcept {
  return [&from, limit = detail::time_limit(from.read_limit)](std::span<std::byte> room,
                                                              std::error_code& error) mutable {
    if (limit.is_over_before_receive()) {
      error = errc::timeout;
      return std::size_t{0};
    }
    return from.read(room, limit.deadline_ns(), error);
  };
}

void require(const tls_context& context, bool is_server, const char* call) {
  if (context.is_server() == is_server) return;
  throw std::invalid_argument(std::string("troupe: tls_stream::") + call + " with a context for " +
                              (is_server ? "clients" : "servers"));
}

/// OpenSSL takes a name that begins with a dot for all of a domain's.
void require_host(const std::string& host) {
  if (!detail::is_host(host) || host.front() == '.') {
    throw std::invalid_argument("troupe: TLS with '" + troupe::detail::shown(host) +
                                "', which is neither an address nor the name of a server");
  }
}

/// Whose connection it is, for the text of an error: afterwards nobody could tell any more.
std::string client_of(const tcp_stream& peer) {
  endpoint at;
  if (detail::remote_endpoint(peer.native_handle(), at).failed()) return "a client";
  return "client " + detail::shown(at.address().to_string(), at.port());
}

}  // namespace

tls_stream::tls_stream() noexcept = default;
tls_stream::tls_stream(tls_stream&&) noexcept = default;
tls_stream& tls_stream::operator=(tls_stream&&) noexcept = default;
tls_stream::~tls_stream() = default;
tls_stream::tls_stream(connection_ptr connection) noexcept : connection_(std::move(connection)) {}

tls_stream tls_stream::open(const tls_context& context, tcp_stream peer, const std::string& host,
                            std::uint64_t deadline_ns, std::error_code& error) {
  static_cast<void>(troupe::detail::waiting_task());  // throws on a plain thread
  error.clear();
  auto made = std::make_unique<tls_connection>(context, std::move(peer), host);
  made->handshake(std::min(deadline_ns, deadline_from_now(context.handshake_timeout())), error);
  return error ? tls_stream() : tls_stream(std::move(made));
}

tls_stream tls_stream::connect(const tls_context& context, const std::string& host,
                               std::uint16_t port, time_span timeout, std::error_code& error) {
  require(context, false, "connect");
  require_host(host);
  const std::uint64_t deadline_ns = deadline_from_now(timeout);
  tcp_stream peer = tcp_stream::connect(host, port, timeout, error);
  return error ? tls_stream() : open(context, std::move(peer), host, deadline_ns, error);
}

tls_stream tls_stream::connect(const tls_context& context, const std::string& host,
                               std::uint16_t port, time_span timeout) {
  std::error_code error;
  tls_stream made = connect(context, host, port, timeout, error);
  if (error) {
    throw std::system_error(error, "troupe: connect with TLS to " + detail::shown(host, port));
  }
  return made;
}

tls_stream tls_stream::client(const tls_context& context, tcp_stream peer, const std::string& host,
                              std::error_code& error) {
  require(context, false, "client");
  require_host(host);
  return open(context, std::move(peer), host, troupe::detail::never_ns, error);
}

tls_stream tls_stream::client(const tls_context& context, tcp_stream peer,
                              const std::string& host) {
  std::error_code error;
  tls_stream made = client(context, std::move(peer), host, error);
  if (error) throw std::system_error(error, "troupe: TLS with host " + host);
  return made;
}

tls_stream tls_stream::server(const tls_context& context, tcp_stream peer, std::error_code& error) {
  require(context, true, "server");
  return open(context, std::move(peer), {}, troupe::detail::never_ns, error);
}

tls_stream tls_stream::server(const tls_context& context, tcp_stream peer) {
  const std::string client = client_of(peer);
  std::error_code error;
  tls_stream made = server(context, std::move(peer), error);
  if (error) throw std::system_error(error, "troupe: TLS with " + client);
  return made;
}

std::size_t tls_stream::read(std::span<std::byte> buffer, std::error_code& error) {
  tls_connection* const c = begin(connection_, error);
  return c != nullptr ? c->read(buffer, deadline_from_now(c->read_limit), error) : 0;
}

std::size_t tls_stream::read(std::span<std::byte> buffer) {
  std::error_code error;
  const std::size_t got = read(buffer, error);
  detail::throw_if(error, "troupe: tls_stream::read");
  return got;
}

std::size_t tls_stream::read_exactly(std::span<std::byte> buffer, std::error_code& error) {
  tls_connection* const c = begin(connection_, error);
  if (c == nullptr) return 0;
  return detail::fill_by(reader(*c), buffer, error);
}

void tls_stream::read_exactly(std::span<std::byte> buffer) {
  std::error_code error;
  read_exactly(buffer, error);
  detail::throw_if(error, "troupe: tls_stream::read_exactly");
}

std::size_t tls_stream::read_until(std::string& buffer, std::string_view delimiter, std::size_t max,
                                   std::error_code& error) {
  tls_connection* const c = begin(connection_, error);
  if (c == nullptr) return 0;
  return detail::append_until_by(reader(*c), buffer, delimiter, max, error);
}

std::size_t tls_stream::read_until(std::string& buffer, std::string_view delimiter,
                                   std::size_t max) {
  std::error_code error;
  const std::size_t length = read_until(buffer, delimiter, max, error);
  detail::throw_if(error, "troupe: tls_stream::read_until");
  return length;
}

std::size_t tls_stream::try_read(std::span<std::byte> buffer, std::error_code& error) {
  error.clear();
  if (connection_ != nullptr) return connection_->try_read(buffer, error);
  error = std::make_error_code(std::errc::bad_file_descriptor);
  return 0;
}

void tls_stream::request_notice(troupe::detail::task& receiver) {
  connection("troupe: tls_stream::notify_readable").notify_readable(receiver);
}

void tls_stream::write_all(std::span<const std::byte> data, std::error_code& error) {
  tls_connection* const c = begin(connection_, error);
  if (c != nullptr) c->write_all(data, deadline_from_now(c->write_limit), error);
}

void tls_stream::write_all(std::span<const std::byte> data) {
  std::error_code error;
  write_all(data, error);
  detail::throw_if(error, "troupe: tls_stream::write_all");
}

void tls_stream::shutdown(std::error_code& error) {
  tls_connection* const c = begin(connection_, error);
  if (c != nullptr) c->shutdown(deadline_from_now(c->write_limit), error);
}

void tls_stream::shutdown() {
  std::error_code error;
  shutdown(error);
  detail::throw_if(error, "troupe: tls_stream::shutdown");
}

void tls_stream::close() {
  if (connection_ != nullptr) connection_->peer().close();
  connection_.reset();
}

tls_connection& tls_stream::connection(const char* call) const {
  if (connection_ != nullptr) return *connection_;
  throw std::system_error(std::make_error_code(std::errc::bad_file_descriptor), call);
}

void tls_stream::read_timeout(std::optional<time_span> limit) {
  connection("troupe: tls_stream::read_timeout").read_limit = limit.value_or(detail::no_limit);
}
void tls_stream::write_timeout(std::optional<time_span> limit) {
  connection("troupe: tls_stream::write_timeout").write_limit = limit.value_or(detail::no_limit);
}
void tls_stream::idle_timeout(std::optional<time_span> limit) {
  connection("troupe: tls_stream::idle_timeout").peer().idle_timeout(limit);
}

socket_id tls_stream::id() const noexcept {
  return connection_ != nullptr ? connection_->peer().id() : socket_id();
}
endpoint tls_stream::local_endpoint() const {
  return connection("troupe: tls_stream::local_endpoint").peer().local_endpoint();
}
endpoint tls_stream::remote_endpoint() const {
  return connection("troupe: tls_stream::remote_endpoint").peer().remote_endpoint();
}
std::string tls_stream::protocol() const {
  return connection("troupe: tls_stream::protocol").session().protocol();
}
std::string tls_stream::version() const {
  return connection("troupe: tls_stream::version").session().version();
}
std::string tls_stream::peer_name() const {
  return connection("troupe: tls_stream::peer_name").session().peer_name();
}
std::string tls_stream::server_name() const {
  return connection("troupe: tls_stream::server_name").session().server_name();
}

}  // namespace troupe::io

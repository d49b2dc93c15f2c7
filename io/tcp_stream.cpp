// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/tcp_stream.hpp>

#include <troupe/base/error.hpp>
#include <troupe/io/internal/connect.hpp>
#include <troupe/io/internal/lookup.hpp>
#include <troupe/io/internal/socket.hpp>
#include <troupe/io/internal/transfer.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <algorithm>
#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace troupe::io {
namespace {

using detail::outcome;
using detail::socket;
using detail::socket_ptr;
using detail::time_limit;
using troupe::detail::task;

std::error_code no_connection() noexcept {
  return std::make_error_code(std::errc::bad_file_descriptor);
}

/// The begin of a call that may wait: the running task; nullptr, with an error, without a
/// connection.
task* begin(const socket_ptr& s, std::uint32_t socket::*calls, std::error_code& error) {
  error.clear();
  if (s != nullptr) return &detail::begin_call((*s).*calls);
  static_cast<void>(troupe::detail::waiting_task());  // throws on a plain thread all the same
  error = no_connection();
  return nullptr;
}

int descriptor_of(const socket_ptr& s, const char* call) {
  if (s == nullptr) throw std::system_error(no_connection(), call);
  return s->descriptor;
}

std::string failure_text(const std::string& host, std::uint16_t port) {
  return "troupe: connect to " + host + ":" + std::to_string(port);
}

}  // namespace

tcp_stream tcp_stream::connect(const std::string& host, std::uint16_t port,
                               std::chrono::nanoseconds timeout, std::error_code& error) {
  std::uint32_t calls = 0;
  task& self = detail::begin_call(calls);
  error.clear();
  time_limit limit(timeout);
  for (const endpoint& each : detail::look_up(host, port, self, limit, error)) {
    if (socket_ptr s = detail::connect_to(each, self, limit, error))
      return tcp_stream(std::move(s));
    if (error == errc::timeout) break;
  }
  return {};
}

tcp_stream tcp_stream::connect(const std::string& host, std::uint16_t port,
                               std::chrono::nanoseconds timeout) {
  std::error_code error;
  tcp_stream connected = connect(host, port, timeout, error);
  if (error) throw std::system_error(error, failure_text(host, port));
  return connected;
}

std::size_t tcp_stream::read(std::span<std::byte> buffer, std::error_code& error) {
  task* const self = begin(socket_, &socket::reads, error);
  if (self == nullptr) return 0;
  time_limit limit(socket_->read_limit);
  return detail::receive_some(*socket_, *self, buffer, limit, error);
}

std::size_t tcp_stream::read(std::span<std::byte> buffer) {
  std::error_code error;
  const std::size_t got = read(buffer, error);
  detail::throw_if(error, "troupe: tcp_stream::read");
  return got;
}

std::size_t tcp_stream::read_exactly(std::span<std::byte> buffer, std::error_code& error) {
  task* const self = begin(socket_, &socket::reads, error);
  if (self == nullptr) return 0;
  time_limit limit(socket_->read_limit);
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const std::size_t got =
        detail::receive_some(*socket_, *self, buffer.subspan(filled), limit, error);
    if (!error && got == 0) error = errc::end_of_stream;
    if (error) break;
    filled += got;
  }
  return filled;
}

void tcp_stream::read_exactly(std::span<std::byte> buffer) {
  std::error_code error;
  read_exactly(buffer, error);
  detail::throw_if(error, "troupe: tcp_stream::read_exactly");
}

std::size_t tcp_stream::read_until(std::string& buffer, std::string_view delimiter, std::size_t max,
                                   std::error_code& error) {
  constexpr std::size_t chunk = 4096;  // arbitrary: a page
  task* const self = begin(socket_, &socket::reads, error);
  if (self == nullptr) return 0;
  time_limit limit(socket_->read_limit);
  for (std::size_t searched = 0;;) {
    const std::size_t at = buffer.find(delimiter, searched);
    if (at != std::string::npos && at + delimiter.size() <= max) return at + delimiter.size();
    if (at != std::string::npos || buffer.size() >= max) error = errc::too_long;
    if (error) return 0;

    const std::size_t before = buffer.size();
    searched = before - std::min(before, delimiter.size() - 1);  // it may have begun already
    buffer.resize(before + std::min(chunk, max - before));
    std::size_t got = 0;
    try {
      const auto room = std::as_writable_bytes(std::span(buffer)).subspan(before);
      got = detail::receive_some(*socket_, *self, room, limit, error);
    } catch (...) {
      buffer.resize(before);
      throw;
    }
    buffer.resize(before + got);
    if (!error && got == 0) error = errc::end_of_stream;
  }
}

std::size_t tcp_stream::read_until(std::string& buffer, std::string_view delimiter,
                                   std::size_t max) {
  std::error_code error;
  const std::size_t length = read_until(buffer, delimiter, max, error);
  detail::throw_if(error, "troupe: tcp_stream::read_until");
  return length;
}

std::size_t tcp_stream::try_read(std::span<std::byte> buffer, std::error_code& error) {
  if (socket_ == nullptr) {
    error = no_connection();
    return 0;
  }
  const outcome got = detail::try_receive(*socket_, buffer);
  error = got.would_block() ? std::make_error_code(std::errc::operation_would_block) : got.code();
  return got.number;
}

void tcp_stream::write_all(std::span<const std::byte> data, std::error_code& error) {
  task* const self = begin(socket_, &socket::writes, error);
  if (self == nullptr) return;
  time_limit limit(socket_->write_limit);
  detail::send_all(*socket_, *self, data, limit, error);
}

void tcp_stream::write_all(std::span<const std::byte> data) {
  std::error_code error;
  write_all(data, error);
  detail::throw_if(error, "troupe: tcp_stream::write_all");
}

void tcp_stream::shutdown(std::error_code& error) {
  error =
      socket_ == nullptr ? no_connection() : detail::shut_down_sending(socket_->descriptor).code();
}

void tcp_stream::shutdown() {
  std::error_code error;
  shutdown(error);
  detail::throw_if(error, "troupe: tcp_stream::shutdown");
}

void tcp_stream::close() {
  if (socket_ != nullptr && socket_->is_waited_in()) {
    throw std::logic_error("troupe: tcp_stream::close() while another actor waits in the stream");
  }
  socket_.reset();
}

void tcp_stream::read_timeout(std::optional<std::chrono::nanoseconds> limit) {
  descriptor_of(socket_, "troupe: tcp_stream::read_timeout");
  socket_->read_limit = limit.value_or(detail::no_limit);
}

void tcp_stream::write_timeout(std::optional<std::chrono::nanoseconds> limit) {
  descriptor_of(socket_, "troupe: tcp_stream::write_timeout");
  socket_->write_limit = limit.value_or(detail::no_limit);
}

void tcp_stream::request_notice(task& receiver) {
  descriptor_of(socket_, "troupe: tcp_stream::notify_readable");
  if (&troupe::detail::waiting_task() != &receiver) {
    throw std::logic_error("troupe: tcp_stream::notify_readable() for another actor");
  }
  socket_->request_notice(receiver);
}

endpoint tcp_stream::local_endpoint() const {
  constexpr const char* call = "troupe: tcp_stream::local_endpoint";
  endpoint answer;
  detail::throw_if(detail::local_endpoint(descriptor_of(socket_, call), answer).code(), call);
  return answer;
}

endpoint tcp_stream::remote_endpoint() const {
  constexpr const char* call = "troupe: tcp_stream::remote_endpoint";
  endpoint answer;
  detail::throw_if(detail::remote_endpoint(descriptor_of(socket_, call), answer).code(), call);
  return answer;
}

void tcp_stream::no_delay(bool on) {
  constexpr const char* call = "troupe: tcp_stream::no_delay";
  const int descriptor = descriptor_of(socket_, call);
  detail::throw_if(detail::set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0).code(),
                   call);
}

int tcp_stream::native_handle() const noexcept {
  return socket_ != nullptr ? socket_->descriptor : -1;
}

}  // namespace troupe::io

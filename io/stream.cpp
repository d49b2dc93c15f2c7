// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/stream.hpp>

#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/read_loops.hpp>
#include <troupe/io/internal/transfer.hpp>

#include <utility>

namespace troupe::io {

using detail::begin_call;
using detail::outcome;
using detail::require_open;
using detail::socket;
using detail::time_limit;
using troupe::detail::task;

namespace {

/// Reads within one limit for several calls.
auto reader(socket& from, task& self, time_limit& limit) noexcept {
  return [&](std::span<std::byte> room, std::error_code& error) {
    return detail::receive_some(from, self, room, limit, error);
  };
}

}  // namespace

stream::stream(detail::socket_ptr socket) noexcept : channel(std::move(socket)) {
  if (socket_ != nullptr) socket_->is_stream.store_relaxed(true);
}

std::size_t stream::read(std::span<std::byte> buffer, std::error_code& error) {
  task* const self = begin_call(socket_, error);
  if (self == nullptr) return 0;
  time_limit limit(socket_->read_limit());
  return detail::receive_some(*socket_, *self, buffer, limit, error);
}

std::size_t stream::read(std::span<std::byte> buffer) {
  std::error_code error;
  const std::size_t got = read(buffer, error);
  detail::throw_if(error, "troupe: stream::read");
  return got;
}

std::size_t stream::read_exactly(std::span<std::byte> buffer, std::error_code& error) {
  task* const self = begin_call(socket_, error);
  if (self == nullptr) return 0;
  time_limit limit(socket_->read_limit());
  return detail::fill_by(reader(*socket_, *self, limit), buffer, error);
}

void stream::read_exactly(std::span<std::byte> buffer) {
  std::error_code error;
  read_exactly(buffer, error);
  detail::throw_if(error, "troupe: stream::read_exactly");
}

std::size_t stream::read_until(std::string& buffer, std::string_view delimiter, std::size_t max,
                               std::error_code& error) {
  task* const self = begin_call(socket_, error);
  if (self == nullptr) return 0;
  time_limit limit(socket_->read_limit());
  return detail::append_until_by(reader(*socket_, *self, limit), buffer, delimiter, max, error);
}

std::size_t stream::read_until(std::string& buffer, std::string_view delimiter, std::size_t max) {
  std::error_code error;
  const std::size_t length = read_until(buffer, delimiter, max, error);
  detail::throw_if(error, "troupe: stream::read_until");
  return length;
}

std::size_t stream::try_read(std::span<std::byte> buffer, std::error_code& error) {
  if (socket_ == nullptr) {
    error = detail::not_open();
    return 0;
  }
  const outcome got = detail::try_receive(*socket_, buffer);
  error = got.would_block() ? std::make_error_code(std::errc::operation_would_block) : got.code();
  return got.number;
}

void stream::write_all(std::span<const std::byte> data, std::error_code& error) {
  task* const self = begin_call(socket_, error);
  if (self == nullptr) return;
  time_limit limit(socket_->write_limit());
  detail::send_all(*socket_, *self, data, limit, error);
}

void stream::write_all(std::span<const std::byte> data) {
  std::error_code error;
  write_all(data, error);
  detail::throw_if(error, "troupe: stream::write_all");
}

void stream::write_all(std::span<const std::span<const std::byte>> buffers,
                       std::error_code& error) {
  task* const self = begin_call(socket_, error);
  if (self == nullptr) return;
  time_limit limit(socket_->write_limit());
  detail::send_all(*socket_, *self, buffers, limit, error);
}

void stream::write_all(std::span<const std::span<const std::byte>> buffers) {
  std::error_code error;
  write_all(buffers, error);
  detail::throw_if(error, "troupe: stream::write_all");
}

void stream::shutdown(std::error_code& error) {
  if (socket_ == nullptr) {
    error = detail::not_open();
  } else if (socket_->is_pipe) {
    error.clear();  // a pipe has one direction: to end it is to close it
    close();
  } else {
    error = detail::shut_down_sending(socket_->descriptor).code();
  }
}

void stream::shutdown() {
  std::error_code error;
  shutdown(error);
  detail::throw_if(error, "troupe: stream::shutdown");
}

void stream::read_timeout(std::optional<time_span> limit) {
  require_open(socket_, "troupe: stream::read_timeout").make_limits().read =
      limit.value_or(detail::no_limit);
}

void stream::write_timeout(std::optional<time_span> limit) {
  require_open(socket_, "troupe: stream::write_timeout").make_limits().write =
      limit.value_or(detail::no_limit);
}

void stream::idle_timeout(std::optional<time_span> limit) {
  socket& s = require_open(socket_, "troupe: stream::idle_timeout");
  s.make_limits().limit_idleness(limit.value_or(detail::no_limit));
}

}  // namespace troupe::io

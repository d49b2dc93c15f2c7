// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/buffered_reader.hpp>

#include <troupe/base/error.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/transfer.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace troupe::io {
namespace {

using detail::socket;
using detail::throw_if;

constexpr std::size_t first_size = 4096;  // arbitrary: a page

}  // namespace

/// A reading call, from its begin: what it waits for, it waits for within one limit.
struct buffered_reader::call {
  call(detail::socket_ptr& of, std::error_code& e)
      : error(e),
        target(of.get()),
        self(detail::begin_call(of, e)),
        limit(self != nullptr ? target->read_limit() : detail::no_limit) {}

  bool failed() const noexcept { return static_cast<bool>(error); }
  std::size_t receive(std::span<std::byte> room) {
    return detail::receive_some(*target, *self, room, limit, error);
  }

  std::error_code& error;
  socket* target;
  troupe::detail::task* self;
  detail::time_limit limit;
};

buffered_reader::buffered_reader(stream& from, std::size_t limit) : stream_(&from), limit_(limit) {
  if (limit == 0) throw std::invalid_argument("troupe: a buffered_reader with limit = 0");
}

/// Reads more, behind what is there; how much: 0 for an error, which the end is, too.
std::size_t buffered_reader::fill(call& in) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ >= limit_) {
      in.error = errc::too_long;
      return 0;
    }
    buffer_.resize(std::min(limit_, std::max(first_size, 2 * end_)));
  }
  const std::size_t got = in.receive(std::as_writable_bytes(std::span(buffer_)).subspan(end_));
  if (got == 0 && !in.failed()) in.error = errc::end_of_stream;
  end_ += got;
  return got;
}

/// Moves what is there into `target`.
std::size_t buffered_reader::take(std::span<std::byte> target) noexcept {
  const std::size_t size = std::min(target.size(), end_ - begin_);
  if (size != 0) std::memcpy(target.data(), buffer_.data() + begin_, size);
  begin_ += size;
  return size;
}

std::size_t buffered_reader::read(std::span<std::byte> target, std::error_code& error) {
  call in(stream_->socket_, error);
  if (in.failed() || target.empty()) return 0;
  if (begin_ != end_) return take(target);
  if (target.size() >= first_size) return in.receive(target);  // nothing is gained by a copy
  fill(in);
  if (error == errc::end_of_stream) error.clear();
  return take(target);
}

std::size_t buffered_reader::read(std::span<std::byte> target) {
  std::error_code error;
  const std::size_t got = read(target, error);
  throw_if(error, "troupe: buffered_reader::read");
  return got;
}

std::size_t buffered_reader::read_exactly(std::span<std::byte> target, std::error_code& error) {
  call in(stream_->socket_, error);
  if (in.failed()) return 0;
  std::size_t filled = take(target);
  while (filled < target.size()) {
    const auto rest = target.subspan(filled);
    if (rest.size() < first_size) {
      if (fill(in) == 0) break;
      filled += take(rest);
    } else {
      const std::size_t got = in.receive(rest);
      if (got == 0 && !in.failed()) error = errc::end_of_stream;
      if (in.failed()) break;
      filled += got;
    }
  }
  return filled;
}

void buffered_reader::read_exactly(std::span<std::byte> target) {
  std::error_code error;
  read_exactly(target, error);
  throw_if(error, "troupe: buffered_reader::read_exactly");
}

std::string_view buffered_reader::read_frame(framer& by, std::error_code& error) {
  call in(stream_->socket_, error);
  while (!in.failed()) {
    const std::optional<frame> found = by.find(buffered(), error);
    if (found) {
      begin_ += found->size;
      return found->body;
    }
    if (in.failed()) break;
    fill(in);
  }
  return {};
}

std::string_view buffered_reader::read_frame(framer& by) {
  std::error_code error;
  const std::string_view body = read_frame(by, error);
  throw_if(error, "troupe: buffered_reader::read_frame");
  return body;
}

std::string_view buffered_reader::read_until(std::string_view delimiter, std::error_code& error) {
  delimiter_framer ends(delimiter, limit_);
  return read_frame(ends, error);
}

std::string_view buffered_reader::read_until(std::string_view delimiter) {
  std::error_code error;
  const std::string_view body = read_until(delimiter, error);
  throw_if(error, "troupe: buffered_reader::read_until");
  return body;
}

std::string_view buffered_reader::read_line(std::error_code& error) {
  line_framer lines(limit_);
  return read_frame(lines, error);
}

std::string_view buffered_reader::read_line() {
  std::error_code error;
  const std::string_view line = read_line(error);
  throw_if(error, "troupe: buffered_reader::read_line");
  return line;
}

std::string_view buffered_reader::peek(std::size_t bytes, std::error_code& error) {
  call in(stream_->socket_, error);
  if (!in.failed() && bytes > limit_) error = errc::too_long;
  while (!in.failed() && end_ - begin_ < bytes) fill(in);
  if (error == errc::end_of_stream) error.clear();
  return buffered().substr(0, bytes);
}

std::string_view buffered_reader::peek(std::size_t bytes) {
  std::error_code error;
  const std::string_view next = peek(bytes, error);
  throw_if(error, "troupe: buffered_reader::peek");
  return next;
}

void buffered_reader::consume(std::size_t bytes) {
  if (bytes > end_ - begin_) {
    throw std::logic_error("troupe: buffered_reader::consume(" + std::to_string(bytes) + ") of " +
                           std::to_string(end_ - begin_) + " bytes");
  }
  begin_ += bytes;
}

}  // namespace troupe::io

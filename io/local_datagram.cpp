// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/local_datagram.hpp>

#include <troupe/io/internal/local_address.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>

namespace troupe::io {
namespace {

using detail::datagram_news;
using detail::local_address;
using detail::local_failure_text;
using detail::outcome;
using detail::socket_ptr;

/// An open socket for which `name`, bind or connect, has been called with that path.
socket_ptr open_at(const std::string& path, outcome (*name)(int, detail::address_ref),
                   const char* what, bool remove_stale = false) {
  std::error_code error;
  const local_address at(path, error);
  socket_ptr s;
  if (!error) {
    const outcome made = detail::make_socket(AF_UNIX, SOCK_DGRAM);
    error = made.code();
    if (!error) s = detail::socket::open(static_cast<int>(made.number));
  }
  if (!error) error = name(s->descriptor, at.ref()).code();
  if (error == std::errc::address_in_use && remove_stale && at.is_stale(SOCK_DGRAM)) {
    at.remove();
    error = name(s->descriptor, at.ref()).code();
  }
  if (error) throw std::system_error(error, local_failure_text(what, path, error));
  return s;
}

local_datagram::received answer(std::size_t size, const datagram_news& news) {
  return {size, detail::path_of(news.from, news.from_size), news.truncated};
}

}  // namespace

local_datagram local_datagram::bind(const std::string& path, local_datagram_options options) {
  socket_ptr s = open_at(path, &detail::bind, "receive at", options.remove_stale);
  return local_datagram(std::move(s), detail::bound_path(path));
}

local_datagram local_datagram::connect(const std::string& path) {
  return local_datagram(open_at(path, &detail::connect, "connect to"));
}

std::pair<local_datagram, local_datagram> local_datagram::make_pair() {
  int ends[2];
  detail::throw_if(detail::make_socket_pair(SOCK_DGRAM, ends).code(),
                   "troupe: local_datagram::make_pair");
  auto [first, second] = detail::open_two(ends);
  return {local_datagram(std::move(first)), local_datagram(std::move(second))};
}

local_datagram::received local_datagram::receive(std::span<std::byte> buffer,
                                                 std::error_code& error) {
  datagram_news news;
  const std::size_t size = datagram_socket::receive(buffer, news, error);
  return error ? received{} : answer(size, news);
}

local_datagram::received local_datagram::receive(std::span<std::byte> buffer) {
  std::error_code error;
  received got = receive(buffer, error);
  detail::throw_if(error, "troupe: local_datagram::receive");
  return got;
}

local_datagram::received local_datagram::try_receive(std::span<std::byte> buffer,
                                                     std::error_code& error) {
  datagram_news news;
  const std::size_t size = datagram_socket::try_receive(buffer, news, error);
  return error ? received{} : answer(size, news);
}

void local_datagram::send_to(std::span<const std::byte> data, const std::string& path,
                             std::error_code& error) {
  const local_address at(path, error);
  if (error) return;
  const detail::address_ref to = at.ref();
  datagram_socket::send_to(data, &to, error);
}

void local_datagram::send_to(std::span<const std::byte> data, const std::string& path) {
  std::error_code error;
  send_to(data, path, error);
  if (error) throw std::system_error(error, local_failure_text("send to", path, error));
}

void local_datagram::close() {
  channel::close();
  path_.remove();
}

}  // namespace troupe::io

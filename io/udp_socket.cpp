// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/udp_socket.hpp>

#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <asio/ip/tcp.hpp>

#include <cstring>

#include <netinet/in.h>

namespace troupe::io {
namespace {

using detail::datagram_news;
using detail::outcome;
using detail::shown;
using detail::socket_ptr;

/// An open socket for which `name`, bind or connect, has been called with that address. Throws
/// where there is no such address.
socket_ptr open_at(const std::string& address, std::uint16_t port,
                   outcome (*name)(int, detail::address_ref), std::error_code& error) {
  const auto parsed = detail::require_address("troupe: UDP at", address, port);
  const endpoint at(parsed, port);
  const outcome made = detail::make_socket(at.data()->sa_family, SOCK_DGRAM);
  error = made.code();
  if (error) return nullptr;
  socket_ptr s = detail::socket::open(static_cast<int>(made.number));
  outcome result;
  if (parsed.is_v6()) result = detail::set_option(s->descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (!result.failed()) result = name(s->descriptor, at);
  error = result.code();
  return s;
}

endpoint endpoint_of(const datagram_news& news) noexcept {
  endpoint from;
  if (news.from_size == 0 || news.from_size > from.capacity()) return from;
  std::memcpy(from.data(), &news.from, news.from_size);
  from.resize(news.from_size);
  return from;
}

}  // namespace

udp_socket udp_socket::bind(const std::string& address, std::uint16_t port) {
  std::error_code error;
  socket_ptr s = open_at(address, port, &detail::bind, error);
  if (error) throw std::system_error(error, "troupe: cannot bind UDP " + shown(address, port));
  return udp_socket(std::move(s));
}

udp_socket udp_socket::connect(const std::string& address, std::uint16_t port) {
  std::error_code error;
  socket_ptr s = open_at(address, port, &detail::connect, error);
  if (error) throw std::system_error(error, "troupe: cannot connect UDP " + shown(address, port));
  return udp_socket(std::move(s));
}

void udp_socket::connect(const endpoint& peer) {
  const int descriptor = detail::require_open(socket_, "troupe: udp_socket::connect").descriptor;
  const std::error_code error = detail::connect(descriptor, peer).code();
  if (error) {
    throw std::system_error(
        error, "troupe: cannot connect UDP " + shown(peer.address().to_string(), peer.port()));
  }
}

udp_socket::received udp_socket::receive(std::span<std::byte> buffer, std::error_code& error) {
  datagram_news news;
  const std::size_t size = datagram_socket::receive(buffer, news, error);
  if (error) return {};
  return {size, endpoint_of(news), news.truncated};
}

udp_socket::received udp_socket::receive(std::span<std::byte> buffer) {
  std::error_code error;
  received got = receive(buffer, error);
  detail::throw_if(error, "troupe: udp_socket::receive");
  return got;
}

udp_socket::received udp_socket::try_receive(std::span<std::byte> buffer, std::error_code& error) {
  datagram_news news;
  const std::size_t size = datagram_socket::try_receive(buffer, news, error);
  if (error) return {};
  return {size, endpoint_of(news), news.truncated};
}

void udp_socket::send_to(std::span<const std::byte> data, const endpoint& peer,
                         std::error_code& error) {
  const detail::address_ref to(peer);
  datagram_socket::send_to(data, &to, error);
}

void udp_socket::send_to(std::span<const std::byte> data, const endpoint& peer) {
  std::error_code error;
  send_to(data, peer, error);
  if (error) {
    throw std::system_error(
        error, "troupe: udp_socket::send_to " + shown(peer.address().to_string(), peer.port()));
  }
}

endpoint udp_socket::local_endpoint() const {
  constexpr const char* call = "troupe: udp_socket::local_endpoint";
  endpoint answer;
  const int descriptor = detail::require_open(socket_, call).descriptor;
  detail::throw_if(detail::local_endpoint(descriptor, answer).code(), call);
  return answer;
}

}  // namespace troupe::io

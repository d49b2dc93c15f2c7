// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/host.hpp>

#include <troupe/base/internal/text.hpp>

#include <net/if.h>

namespace troupe::io::detail {
namespace {

/// Whether the zone of an address, such as "eth0" in "fe80::1%eth0", is in `parsed`: Asio passes
/// over one that says nothing to it.
bool keeps_zone(const std::string& text, const asio::ip::address& parsed) {
  const std::size_t sign = text.find('%');
  if (sign == std::string::npos) return true;
  const std::string zone = text.substr(sign + 1);
  const unsigned long kept = parsed.to_v6().scope_id();
  return zone == std::to_string(kept) || (kept != 0 && ::if_nametoindex(zone.c_str()) == kept);
}

}  // namespace

bool is_host(const std::string& text) noexcept {
  return !text.empty() && !troupe::detail::has_zero_byte(text);
}

asio::ip::address parse_address(const std::string& text, std::error_code& error) {
  error = std::make_error_code(std::errc::invalid_argument);
  if (!is_host(text)) return {};
  std::error_code wrong;
  asio::ip::address parsed = asio::ip::make_address(text, wrong);
  if (wrong) return {};
  error = keeps_zone(text, parsed) ? std::error_code()
                                   : std::make_error_code(std::errc::no_such_device);
  return parsed;
}

asio::ip::address require_address(const std::string& what, const std::string& text,
                                  std::uint16_t port) {
  std::error_code error;
  asio::ip::address parsed = parse_address(text, error);
  if (!error) return parsed;
  const char* const why = error == std::errc::invalid_argument ? ": no IPv4 or IPv6 address" : "";
  throw std::system_error(error, what + " " + shown(text, port) + why);
}

std::string shown(const std::string& host, std::uint16_t port) {
  if (host.empty()) return "(empty host):" + std::to_string(port);
  const std::string text = troupe::detail::shown(host);
  const bool has_colons = host.find(':') != std::string::npos;  // RFC 3986, 3.2.2
  return (has_colons ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

}  // namespace troupe::io::detail

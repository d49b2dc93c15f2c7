// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/host.hpp>

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
  return !text.empty() && text.find('\0') == std::string::npos;
}

asio::ip::address parse_address(const std::string& text, std::error_code& error) {
  error = std::make_error_code(std::errc::invalid_argument);
  if (!is_host(text)) return {};
  std::error_code wrong;
  const asio::ip::address parsed = asio::ip::make_address(text, wrong);
  if (wrong || !keeps_zone(text, parsed)) return {};
  error.clear();
  return parsed;
}

std::string shown(const std::string& text) {
  std::string all;
  for (const char c : text) {
    if (c == '\0') {
      all += "(zero byte)";
    } else {
      all += c;
    }
  }
  return all;
}

std::string shown(const std::string& host, std::uint16_t port) {
  return (host.empty() ? "(empty host)" : shown(host)) + ":" + std::to_string(port);
}

}  // namespace troupe::io::detail

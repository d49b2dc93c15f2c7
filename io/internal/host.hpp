// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Hosts and addresses as programs write them: what comes in as text comes in here.

#include <asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <system_error>

namespace troupe::io::detail {

/// Whether it can be a host at all. The system takes an empty one for this machine, and cuts one
/// off at a zero byte.
bool is_host(const std::string& text) noexcept;

/// The IPv4 or IPv6 address that `text` is, to its last byte. **Errors**
/// std::errc::invalid_argument when it is none; std::errc::no_such_device when this machine has no
/// such zone as it names.
asio::ip::address parse_address(const std::string& text, std::error_code& error);

/// As parse_address(), for a call that fails as "WHAT ADDRESS:PORT: ...". **Errors**
/// std::system_error.
asio::ip::address require_address(const std::string& what, const std::string& text,
                                  std::uint16_t port);

/// "HOST:PORT", as the message of an error shows it.
std::string shown(const std::string& host, std::uint16_t port);

}  // namespace troupe::io::detail

// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the texts of a command line's options mean.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace examples {

/// An address or a name, and a port of a peer: "HOST:PORT", "[::1]:PORT".
struct peer_address {
  std::string host;
  std::uint16_t port = 0;
};

// Each answers what is wrong with the text, or nothing: then the value is the text's.

/// From a millisecond to 1,000,000,000 seconds.
std::string read_seconds(const std::string& text, std::chrono::milliseconds& time);

/// In decimal digits.
std::string read_port(const std::string& text, std::uint16_t smallest, std::uint16_t& port);

/// A number of bytes within bounds; K, M, G and T (also KB, KiB, in small letters) are powers of
/// 1024.
std::string read_size(const std::string& text, std::size_t smallest, std::size_t largest,
                      std::size_t& bytes);

/// HOST:PORT. An IPv6 address stands in brackets.
std::string read_peer(const std::string& text, peer_address& peer);

}  // namespace examples

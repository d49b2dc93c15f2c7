// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/read_value.hpp>

#include <cctype>
#include <charconv>
#include <string_view>
#include <system_error>

namespace examples {
namespace {

constexpr double shortest_seconds = 0.001;
constexpr double longest_seconds = 1e9;

// How many bytes K, KB, KiB and the like are, in small or capital letters; 0: it is none of them.
std::size_t bytes_of_unit(std::string unit) {
  unit.erase(0, unit.find_first_not_of(' '));
  for (char& each : unit) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view letters = "kmgt";
  const auto power = letters.find(unit.front());
  const auto rest = unit.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "b" && rest != "ib")) return 0;
  return std::size_t{1024} << (10 * power);
}

}  // namespace

std::string read_seconds(const std::string& text, std::chrono::milliseconds& time) {
  double seconds = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  // Written so that it refuses what is not a number as well.
  const bool within = seconds >= shortest_seconds && seconds <= longest_seconds;
  if (error != std::errc{} || stop != end || !within) {
    return "'" + text + "' is no time in seconds from 0.001 to 1000000000";
  }
  time = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  return {};
}

std::string read_port(const std::string& text, std::uint16_t smallest, std::uint16_t& port) {
  std::uint16_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < smallest) {
    return "'" + text + "' is no port from " + std::to_string(smallest) + " to 65535";
  }
  port = number;
  return {};
}

std::string read_size(const std::string& text, std::size_t smallest, std::size_t largest,
                      std::size_t& bytes) {
  std::size_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const auto unit = bytes_of_unit(std::string(stop, end));
  const bool fits = error == std::errc{} && unit != 0 && number <= largest / unit;
  if (!fits || number * unit < smallest) {
    return "'" + text + "' is no number of bytes from " + std::to_string(smallest) + " to " +
           std::to_string(largest) + ", such as 65536, 64K or 1M";
  }
  bytes = number * unit;
  return {};
}

std::string read_peer(const std::string& text, peer_address& peer) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return "'" + text + "' is not HOST:PORT";
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.empty() || host.find_first_of(":[]") != std::string::npos) {
    return "'" + text + "' names no host (an IPv6 address needs brackets: [::1]:PORT)";
  }
  std::uint16_t port = 0;
  if (auto problem = read_port(text.substr(colon + 1), 1, port); !problem.empty()) {
    return "'" + text + "': " + problem;
  }
  peer = {host, port};
  return {};
}

}  // namespace examples

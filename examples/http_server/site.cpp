// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/site.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace http {
namespace {

constexpr std::uint32_t most_lines = 100'000;
constexpr std::uint32_t longest_pause_ms = 10'000;

constexpr std::string_view about =
    "This server is an example of troupe, an actor framework for C++20.\n"
    "Each connection is served by an actor of its own, which reads and writes as if every call\n"
    "blocked, while the threads below go on with others.\n"
    "\n"
    "GET  /                          a short text\n"
    "GET  /about                     this text\n"
    "GET  /stream?lines=N&pause=MS   lines, as chunks, with pauses between them\n"
    "POST /echo                      what was sent\n";

constexpr std::array<std::pair<std::string_view, resource>, 4> site{{
    {"/", {resource::kind::text, "GET, HEAD", "Hello, World!\n"}},
    {"/about", {resource::kind::text, "GET, HEAD", about}},
    {"/stream", {resource::kind::stream, "GET"}},
    {"/echo", {resource::kind::echo, "POST, PUT"}},
}};

std::optional<std::uint32_t> number_up_to(std::uint32_t most, std::string_view text) {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value > most) return std::nullopt;
  return value;
}

// The text in front of `mark`, which is removed with it.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const auto taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

}  // namespace

target_parts parse_target(std::string_view target) {
  if (!target.starts_with('/')) {  // else a slash may be followed by whatever
    const auto mark = target.find("://");
    if (mark != std::string_view::npos) {
      target.remove_prefix(mark + 3);
      target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    }
  }
  const auto path = take_until(target, '?');
  return {path.empty() ? "/" : path, target};
}

std::optional<resource> find_resource(std::string_view path) {
  for (const auto& [name, what] : site) {
    if (name == path) return what;
  }
  return std::nullopt;
}

bool allows(const resource& what, std::string_view method) {
  auto rest = what.methods;
  while (!rest.empty()) {
    if (take_until(rest, ',') == method) return true;
    if (rest.starts_with(' ')) rest.remove_prefix(1);
  }
  return false;
}

std::optional<stream_query> parse_stream_query(std::string_view query) {
  stream_query result;
  while (!query.empty()) {
    auto value = take_until(query, '&');
    const auto name = take_until(value, '=');
    if (name == "lines") {
      const auto lines = number_up_to(most_lines, value);
      if (!lines) return std::nullopt;
      result.lines = *lines;
    } else if (name == "pause") {
      const auto pause = number_up_to(longest_pause_ms, value);
      if (!pause) return std::nullopt;
      result.pause = std::chrono::milliseconds(*pause);
    } else {
      return std::nullopt;
    }
  }
  return result;
}

}  // namespace http

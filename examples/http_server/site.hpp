// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace http {

/// What a request's target asks for.
struct target_parts {
  std::string_view path;
  std::string_view query{};  ///< behind the question mark
};

/// Takes a target apart: "/path?query", or the absolute form that proxies get,
/// "http://host/path?query" (whichever host that is).
[[nodiscard]] target_parts parse_target(std::string_view target);

/// What is at a path.
struct resource {
  enum class kind : std::uint8_t { text, echo, stream };

  kind what;
  std::string_view methods;  ///< as in an Allow field
  std::string_view text{};   ///< of a text
};

/// std::nullopt: nothing is there.
[[nodiscard]] std::optional<resource> find_resource(std::string_view path);

/// Whether `method` is among those of the resource.
[[nodiscard]] bool allows(const resource& what, std::string_view method);

/// How a stream is to be: ?lines=N&pause=MILLISECONDS.
struct stream_query {
  std::uint32_t lines = 10;
  std::chrono::milliseconds pause{0};
};

/// std::nullopt: not understood, or more than 100,000 lines or 10,000 milliseconds.
[[nodiscard]] std::optional<stream_query> parse_stream_query(std::string_view query);

}  // namespace http

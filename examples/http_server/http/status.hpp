// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string_view>

namespace http {

/// The status codes that this server answers with.
enum class status {
  ok = 200,
  bad_request = 400,
  not_found = 404,
  method_not_allowed = 405,
  request_timeout = 408,
  content_too_large = 413,
  uri_too_long = 414,
  expectation_failed = 417,
  header_fields_too_large = 431,
  not_implemented = 501,
  service_unavailable = 503,
  version_not_supported = 505,
};

/// Code and phrase, as in a status line.
[[nodiscard]] std::string_view text_of(status code);

}  // namespace http
